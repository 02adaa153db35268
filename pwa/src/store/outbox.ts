/** The scans this phone keeps, and what a person wishes of them. Told to the server by sync.ts. */
import { computed, signal } from '@preact/signals';
import { account, mayKeep } from './account';
import { addRow, allRows, dropAllRows, dropPhotos, editRow, photoIds, photoOf } from './db';
import { newId } from './id';
import { erased, retried, waits, withoutWish, withWish, type Row } from './rows';
import { tellTabs, whenTold } from './tabs';

/** Photos of sent scans that stay on the phone; older ones are asked from the server when looked at. */
const PHOTOS_KEPT = 200;

/** Newest first, with those that wait to be erased. */
const rows = signal<readonly Row[]>([]);

/** What a person sees of them. */
export const history = computed(() => rows.value.filter(({ deleted }) => !deleted));

export const rowById = computed(() => new Map(rows.value.map((row) => [row.id, row])));

/** How many scans have something to tell the server. */
export const pending = computed(
  () => rows.value.filter((row) => waits(row, mayKeep.value)).length,
);

/** Counts the wishes: whoever tells them to the server looks when it changes. */
export const wishes = signal(0);

whenTold(() => void loadRows());

export async function loadRows(): Promise<void> {
  show(await allRows());
}

function show(all: readonly Row[]): void {
  rows.value = [...all].sort((a, b) => Number(a.captured_at < b.captured_at) - Number(a.captured_at > b.captured_at));
}

/** Say to the other tabs, and to whoever tells the server, that there is a new wish. */
export function wished(): void {
  tellTabs();
  wishes.value++;
}

let lastWrite: Promise<unknown> = Promise.resolve();

/** One after the other, so that a correction never comes before the scan it is about. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = lastWrite.then(work);
  lastWrite = done.catch(() => undefined);
  return done;
}

/** Change a row here and in the database, null drops it; resolves to the row as it then is. */
export function edit(
  id: string,
  change: (row: Row | undefined) => Row | null | undefined,
): Promise<Row | null | undefined> {
  return inTurn(async () => {
    let now: Row | null | undefined;
    await editRow(id, (row) => (now = change(row)));
    if (now === undefined) return undefined;
    const others = rows.value.filter((row) => row.id !== id);
    show(now === null ? others : [...others, now]);
    return now;
  });
}

/** Change a row, if it is still there. */
export function editKnown(id: string, change: (row: Row) => Row | null): Promise<Row | null | undefined> {
  return edit(id, (row) => (row === undefined ? undefined : change(row)));
}

/** Keep a scan and its photo. False where the browser refuses to: nothing was kept then. */
export async function keep(row: Row, photo: ArrayBuffer): Promise<boolean> {
  const kept = await inTurn(async () => {
    if (!(await addRow(row, photo))) return false;
    show([...rows.value.filter(({ id }) => id !== row.id), row]);
    return true;
  });
  if (kept) wished();
  return kept;
}

export async function correct(id: string, label: string): Promise<void> {
  await editKnown(id, (row) => withWish(row, label, Date.now()));
  wished();
}

export async function undo(id: string): Promise<void> {
  await editKnown(id, (row) => withoutWish(row, Date.now()));
  wished();
}

export async function erase(ids: readonly string[]): Promise<void> {
  for (const id of ids) await editKnown(id, erased);
  wished();
}

/** Try a refused scan again. */
export async function tryAgain(id: string): Promise<void> {
  const row = rowById.value.get(id);
  const photo = await photoOf(id);
  if (row === undefined) return;
  const next = retried(row, newId);
  if (next.id !== id && photo !== undefined) {
    await keep(next, photo);
    await edit(id, () => null);
  } else await editKnown(id, (known) => ({ ...known, refused: null }));
  wished();
}

/** Older photos that the server has too make room. */
export async function makeRoom(): Promise<void> {
  const here = new Set(await photoIds());
  const safe = rows.value.filter(
    ({ id, upload, owner }) => here.has(id) && upload === 'sent' && owner === account.value.pseudonym,
  );
  const old = safe.slice(PHOTOS_KEPT).map(({ id }) => id);
  if (old.length > 0) await dropPhotos(old);
}

/** Forget every scan on this phone; what the server has is not touched. */
export async function forgetAll(): Promise<void> {
  await inTurn(dropAllRows);
  show([]);
  tellTabs();
}
