/** The person behind this phone: session, consents, login, export, erasure. */
import { json, OfflineError, ProblemError, request } from './client';
import type { ConsentWord, Person, Purpose } from './types';

const asJson = (method: string, body: unknown): RequestInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'Content-Type': 'application/json' },
});

/** A pseudonym for this phone; the one it has, where it has one. */
export function join(signal?: AbortSignal): Promise<Person> {
  return json('/api/session/', { ...asJson('POST', {}), ...(signal === undefined ? {} : { signal }) });
}

export function me(signal?: AbortSignal): Promise<Person> {
  return json('/api/me/', signal === undefined ? {} : { signal });
}

export function speak(language: string): Promise<Person> {
  return json('/api/me/', asJson('PATCH', { locale: language }));
}

export function tellConsent(
  purpose: Purpose,
  granted: boolean,
  textVersion: string,
  signal: AbortSignal,
): Promise<ConsentWord> {
  const body = { granted, text_version: textVersion };
  return json(`/api/me/consents/${purpose}/`, { ...asJson('PUT', body), signal });
}

/** What the pseudonym of this phone kept moves to the account that is logged in to. */
export function logIn(email: string, password: string): Promise<Person> {
  return json('/api/session/', asJson('POST', { email, password }));
}

export async function logOut(): Promise<void> {
  await request('/api/session/', { method: 'DELETE' });
}

export function attachLogin(email: string, password: string): Promise<Person> {
  return json('/api/me/login/', asJson('PUT', { email, password }));
}

export async function exportAll(): Promise<Blob> {
  const answer = await request('/api/me/export/');
  return answer.blob().catch((cause: unknown) => {
    throw new OfflineError(cause); // cut off half-way
  });
}

export async function eraseMe(): Promise<void> {
  await request('/api/me/', { method: 'DELETE' });
}

const ALLAUTH = '/_allauth/browser/v1';

/** A mail with a link to #/mot-de-passe/<key>, where the address is known; the answer never tells. */
export async function askNewPassword(email: string): Promise<void> {
  await request(`${ALLAUTH}/config`); // brings the CSRF cookie to those who have no session
  await request(`${ALLAUTH}/auth/password/request`, asJson('POST', { email }));
}

/** Set a new password by the key of a mail. */
export async function setNewPassword(key: string, password: string): Promise<void> {
  await request(`${ALLAUTH}/config`);
  await unlessOnlyLoggedOut(request(`${ALLAUTH}/auth/password/reset`, asJson('POST', { key, password })));
}

/** Say that an address is one's own, by the key of a mail. */
export async function verifyEmail(key: string): Promise<void> {
  await request(`${ALLAUTH}/config`);
  await unlessOnlyLoggedOut(request(`${ALLAUTH}/auth/email/verify`, asJson('POST', { key })));
}

/** allauth answers 401 to a deed that was done by somebody who is not logged in. */
async function unlessOnlyLoggedOut(doing: Promise<Response>): Promise<void> {
  try {
    await doing;
  } catch (error) {
    if (!(error instanceof ProblemError && error.status === 401)) throw error;
  }
}
