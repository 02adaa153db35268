/** Account verbs: log in, log out, attach a login, erase. What they change on the server changes here. */
import { OfflineError, ProblemError } from '../api/client';
import * as people from '../api/people';
import type { Person } from '../api/types';
import { account, adopted, changeAccount, NOBODY } from '../store/account';
import { forgetAll, wished } from '../store/outbox';
import { settings } from '../store/settings';
import { alone, refresh } from '../store/sync';
import { clearScans } from './scans';

export type PeopleFailure = 'offline' | 'wrong-login' | 'email-taken' | 'malformed' | 'throttled' | 'other';

const KNOWN: readonly PeopleFailure[] = ['wrong-login', 'email-taken', 'malformed', 'throttled'];

/** Why the server did not; what is no answer of a server is thrown on. */
export function whyNot(error: unknown): PeopleFailure {
  if (error instanceof OfflineError) return 'offline';
  if (error instanceof ProblemError) return KNOWN.find((slug) => slug === error.slug) ?? 'other';
  throw error;
}

/** Find an account from this phone. What the phone's pseudonym kept has moved to it. */
export async function logIn(email: string, password: string): Promise<void> {
  await alone(() => takeOver(people.logIn(email, password)));
  wished();
  await refresh();
}

/** Give this pseudonym a login, so that another phone finds the same history. */
export async function attachLogin(email: string, password: string): Promise<void> {
  await alone(async () => {
    if (account.value.pseudonym === null) await takeOver(people.join());
    await takeOver(people.attachLogin(email, password));
    // Mails are written in the language of this phone.
    await takeOver(people.speak(settings.value.locale));
  });
}

/** Leave the account: its history stays there, and is gone from here. */
export async function logOut(): Promise<void> {
  await alone(async () => {
    await unlessGone(people.logOut());
    await changeAccount(() => NOBODY);
  });
  await forgetHere();
}

/** Nothing is left of this person, here or on the server. */
export async function eraseEverything(): Promise<void> {
  await alone(async () => {
    if (account.value.pseudonym !== null) await unlessGone(people.eraseMe());
    await changeAccount(() => ({ ...NOBODY, asked: true }));
  });
  await forgetHere();
}

/** Ask the server who we are to it now. */
export async function refreshMe(): Promise<void> {
  await alone(async () => {
    if (account.value.pseudonym !== null) await takeOver(people.me());
  });
}

async function takeOver(asking: Promise<Person>): Promise<void> {
  const person = await asking;
  await changeAccount((before) => adopted(before, person));
}

async function forgetHere(): Promise<void> {
  clearScans();
  await forgetAll();
}

/** A session that is gone already is what was wanted. */
async function unlessGone(ending: Promise<void>): Promise<void> {
  try {
    await ending;
  } catch (error) {
    if (!(error instanceof ProblemError && error.slug === 'no-session')) throw error;
  }
}
