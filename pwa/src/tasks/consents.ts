/** What a person allows, and what is kept once they do. */
import { signal } from '@preact/signals';
import { changeAccount, withWord } from '../store/account';
import { wished } from '../store/outbox';

/** The capture last spoken about: the one beside which consent may be asked. */
export const spokenAbout = signal<string | null>(null);

const keepers: (() => Promise<void>)[] = [];

/** Call this at the next yes: it keeps what is on the screen then. */
export function keepWhenAllowed(keeper: () => Promise<void>): void {
  keepers.push(keeper);
}

/** What the person allows. A yes also keeps what is on the screen now. */
export async function decideConsents(store: boolean, train: boolean): Promise<void> {
  await changeAccount((before) => withWord(before, store, train));
  if (store) for (const keeper of keepers) await keeper();
  wished();
}

/** "No", for good: not asked again unprompted. What was allowed before is not touched. */
export async function declineConsents(): Promise<void> {
  await changeAccount((before) => ({ ...before, asked: true }));
}
