/** Who this phone is to the server, and what the person allows: decided here, told when it can be. */
import { computed, signal } from '@preact/signals';
import type { Person, Purpose } from '../api/types';
import { read, write } from './db';
import { tellTabs, whenTold } from './tabs';

/** The text the person has read; a new text is a new version, and is asked anew. */
export const TEXT_VERSION = '2026-11';

export interface Account {
  readonly pseudonym: string | null;
  readonly email: string | null;
  /** The person's word on this phone; null is silence, which is no. */
  readonly allows: Readonly<Record<Purpose, boolean | null>>;
  /** The word the server has. */
  readonly told: Readonly<Record<Purpose, boolean | null>>;
  /** True once the question was answered, also by "no": it is not asked again unprompted. */
  readonly asked: boolean;
}

const KEY = 'account';
const SILENT = { store: null, train: null } as const;

export const NOBODY: Account = {
  pseudonym: null,
  email: null,
  allows: SILENT,
  told: SILENT,
  asked: false,
};

export const account = signal<Account>(NOBODY);

export const mayKeep = computed(() => account.value.allows.store === true);

/** The purposes on which the server has not heard the person's word, in the order to tell it. */
export function untold({ allows, told }: Account): readonly Purpose[] {
  const changed = (['store', 'train'] as const).filter(
    (purpose) => allows[purpose] !== null && (allows[purpose] ?? false) !== (told[purpose] ?? false),
  );
  // Training stands on keeping: it is given after, and taken back before.
  return allows.store === true ? changed : [...changed].reverse();
}

/** A word on keeping or learning. Learning needs keeping, so that "no" to one is "no" to both. */
export function withWord(before: Account, store: boolean, train: boolean): Account {
  return { ...before, allows: { store, train: store && train }, asked: true };
}

/** What the server says of this person. A word this phone has not told yet is the newer one. */
export function adopted(before: Account, person: Person): Account {
  const pending = new Set(untold(before));
  const allows = { ...before.allows };
  const told = { ...before.told };
  for (const purpose of ['store', 'train'] as const) {
    const word = person.consents[purpose];
    told[purpose] = word?.granted ?? null;
    // A server that never heard it (a new pseudonym, a restored backup) is told again.
    if (!pending.has(purpose) && word !== null) allows[purpose] = word.granted;
  }
  if (allows.store !== true) allows.train = allows.train === null ? null : false;
  const asked = before.asked || allows.store !== null;
  return { pseudonym: person.pseudonym, email: person.email, allows, told, asked };
}

export async function loadAccount(): Promise<void> {
  account.value = { ...NOBODY, ...((await read('settings', KEY)) as Partial<Account> | undefined) };
}

export async function changeAccount(change: (before: Account) => Account): Promise<void> {
  account.value = change(account.value);
  await write('settings', KEY, account.value);
  tellTabs();
}

whenTold(() => void loadAccount());
