/** Tells the server what this phone wishes: consents, then scans and corrections, oldest first. */
import { signal } from '@preact/signals';
import {
  deleteCapture,
  deleteCorrection,
  listCaptures,
  putCapture,
  putCorrection,
  type DeviceAnswer,
} from '../api/captures';
import { OfflineError, ProblemError } from '../api/client';
import { join, me, tellConsent } from '../api/people';
import type { Capture, CaptureState } from '../api/types';
import { account, adopted, changeAccount, mayKeep, NOBODY, TEXT_VERSION, untold } from './account';
import { allRows, photoOf, rowOf } from './db';
import { edit, editKnown, makeRoom, wishes } from './outbox';
import { mediaOf, merged, nextStep, undoLeft, UNDO_MS, wanted, type Row, type Step } from './rows';
import { tellTabs } from './tabs';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** A request without an answer for so long has none. */
const PATIENCE_MS = 60_000;

/** What the server's last silence was about; null while all goes well. */
export const standstill = signal<'no-answer' | 'busy' | 'no-space' | 'refused' | null>(null);

/** The server cannot be told now; later it may be. */
class Later extends Error {
  constructor(
    readonly why: NonNullable<typeof standstill.value>,
    readonly afterMs: number,
  ) {
    super(why);
  }
}

/** How long to wait after so many failures in a row: doubled each time, and never quite the same. */
export function backoff(failures: number, random = Math.random): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
  return full / 2 + (full / 2) * random();
}

const inTime = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);

let running = false;
let again = false;
let failures = 0;
let notBefore = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Flush at the start, after each wish, when the network is back and when the app is looked at. */
export function startSync(): void {
  wishes.subscribe(() => void flush());
  addEventListener('online', hurry);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') hurry();
  });
}

/** Do not wait any longer than the server asked to. */
export function hurry(): void {
  failures = 0;
  void flush();
}

/** Tell all there is to tell. One at a time, over all tabs; a wish meanwhile is told right after. */
export async function flush(): Promise<void> {
  if (running) {
    again = true;
    return;
  }
  clearTimeout(timer);
  const wait = notBefore - Date.now();
  if (wait > 0 && wait <= LONGEST_WAIT_MS) {
    wakeIn(wait); // the server said when
    return;
  }
  running = true;
  try {
    do {
      again = false;
      await alone(tellAll);
    } while (isWanted());
    await wakeForHeld();
  } catch (error) {
    if (!(error instanceof Later)) throw error;
    standstill.value = error.why;
    notBefore = Date.now() + error.afterMs;
    wakeIn(Math.max(error.afterMs, backoff(failures++)));
  } finally {
    running = false;
  }
}

const isWanted = (): boolean => again;

function wakeIn(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void flush(), ms);
}

/** Corrections that can still be taken back are told when that ends. */
async function wakeForHeld(): Promise<void> {
  const now = Date.now();
  const left = (await allRows())
    .filter((row) => nextStep(row, mayKeep.value, 'any') !== null)
    .map((row) => undoLeft(row.correction, now))
    .filter((ms) => ms > 0);
  if (left.length > 0) wakeIn(Math.min(UNDO_MS, ...left) + 50);
}

/** Hold the one lock of all tabs; browsers without locks have only this tab to care for. */
export async function alone(work: () => Promise<void>): Promise<void> {
  if (!('locks' in navigator)) return work();
  await navigator.locks.request('tamis-outbox', work);
}

async function tellAll(): Promise<void> {
  await tellConsents();
  for (const { id } of await due()) await takeSteps(id);
  standstill.value = null;
  await makeRoom();
}

async function due(): Promise<Row[]> {
  const now = Date.now();
  return (await allRows())
    .filter((row) => nextStep(row, mayKeep.value, now) !== null)
    .sort((a, b) => (a.captured_at < b.captured_at ? -1 : 1));
}

async function tellConsents(): Promise<void> {
  try {
    try {
      await tellWords();
    } catch (error) {
      if (!isAboutUs(error)) throw error;
      await findOutWhoIAm(error);
      await tellWords();
    }
  } catch (error) {
    // Without consents no scan may go: all of it waits, and the person is told.
    if (error instanceof ProblemError) throw new Later('refused', LONGEST_WAIT_MS);
    throw error;
  }
}

/** A pseudonym is made by the first yes, and never before. */
async function tellWords(): Promise<void> {
  if (untold(account.value).length === 0) return;
  if (account.value.pseudonym === null) {
    const person = await ask(() => join(inTime()));
    await changeAccount((before) => adopted(before, person));
  }
  for (const purpose of untold(account.value)) {
    const granted = account.value.allows[purpose] ?? false;
    await ask(() => tellConsent(purpose, granted, TEXT_VERSION, inTime()));
    await changeAccount((before) => ({ ...before, told: { ...before.told, [purpose]: granted } }));
  }
}

/** Each step is read anew, because the person may have changed their mind meanwhile. */
async function takeSteps(id: string): Promise<void> {
  let taken: Step | null = null;
  let recovered = false;
  for (;;) {
    const row = await rowOf(id);
    const step = row === undefined ? null : nextStep(row, mayKeep.value, Date.now());
    if (row === undefined || step === null || step === taken) return;
    try {
      await ask(() => take(step, row));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (isAboutUs(error) && !recovered) {
        recovered = true;
        await findOutWhoIAm(error);
        await tellConsents();
        continue;
      }
      await editKnown(id, (now) => ({ ...now, refused: { step, slug: error.slug } }));
    }
    taken = step;
    failures = 0;
    tellTabs();
  }
}

async function take(step: Step, row: Row): Promise<void> {
  const { id } = row;
  if (step === 'upload') return upload(row);
  if (step === 'erase') {
    await goneIsFine(deleteCapture(id, inTime()));
    await edit(id, () => null);
    return;
  }
  const label = wanted(row);
  if (label === null) await goneIsFine(deleteCorrection(id, inTime()));
  else await putCorrection(id, label, inTime());
  const state: CaptureState = label === null ? 'received' : 'corrected';
  await editKnown(id, (now) => ({
    ...now,
    told: label,
    server: now.server && { ...now.server, state, truth: null },
  }));
}

async function upload(row: Row): Promise<void> {
  const photo = await photoOf(row.id);
  if (photo === undefined) throw new ProblemError('photo-lost', 0, 'the browser dropped the photo');
  const marked = await editKnown(row.id, (now) =>
    now.upload === 'pending' && !now.deleted ? { ...now, upload: 'tried' } : now,
  );
  if (marked == null || marked.deleted) return; // erased before it left
  const outgoing = { ...row, device: deviceAnswer(row) };
  const capture = await putCapture(outgoing, new Blob([photo], { type: mediaOf(row) }), inTime());
  const owner = account.value.pseudonym ?? '';
  await editKnown(row.id, (now) => merged(now, capture, owner));
}

function deviceAnswer({ said }: Row): DeviceAnswer | null {
  if (said?.sha256 == null) return null;
  const { sha256, label, score, top, latency_ms } = said;
  return { sha256, label, score, top, latency_ms };
}

async function goneIsFine(deleting: Promise<void>): Promise<void> {
  try {
    await deleting;
  } catch (error) {
    if (!(error instanceof ProblemError && error.status === 404)) throw error;
  }
}

/** Ask the server; no answer, too busy and its own faults are for later. */
async function ask<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OfflineError || isTimeout(error)) throw new Later('no-answer', 0);
    if (error instanceof ProblemError && isPassing(error.status)) {
      const why = error.slug === 'no-space' ? 'no-space' : 'busy';
      throw new Later(why, Math.min(LONGEST_WAIT_MS, (error.retryAfter ?? 0) * 1000));
    }
    throw error;
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'TimeoutError';

const isPassing = (status: number): boolean => status >= 500 || status === 408 || status === 429;

const isAboutUs = (error: unknown): error is ProblemError =>
  error instanceof ProblemError && error.status === 403;

/** Refused for who we are: take the server's word on that, and where the session is gone, join again. */
async function findOutWhoIAm({ slug }: ProblemError): Promise<void> {
  try {
    const person = await ask(() => me(inTime()));
    await changeAccount((now) => adopted(now, person));
    if (slug === 'forbidden') await ask(() => join(inTime())); // brings a fresh CSRF cookie
  } catch (error) {
    if (!isAboutUs(error)) throw error;
    // The words given on this phone are given again, by a new pseudonym.
    await changeAccount((now) => ({ ...NOBODY, allows: now.allows, asked: now.asked }));
  }
}

/** Take over what the server has: other phones' scans, and what became of ours. */
export async function refresh(): Promise<void> {
  if (account.value.pseudonym === null) return;
  await alone(async () => {
    const owner = account.value.pseudonym;
    if (owner === null) return;
    const seen = new Set<string>();
    for (let page: string | null = null, first = true; first || page !== null; first = false) {
      const { next, results } = await listCaptures(page, inTime());
      for (const capture of results) {
        seen.add(capture.id);
        await takeOver(capture, owner);
      }
      page = next;
    }
    // Erased from another phone: here too.
    for (const { id, upload, owner: whose } of await allRows()) {
      if (upload === 'sent' && whose === owner && !seen.has(id)) await edit(id, () => null);
    }
    await makeRoom();
  });
  tellTabs();
}

async function takeOver(capture: Capture, owner: string): Promise<void> {
  const known = await rowOf(capture.id);
  const now = merged(known, capture, owner);
  if (JSON.stringify(known) !== JSON.stringify(now)) {
    await edit(capture.id, (row) => merged(row, capture, owner));
  }
}
