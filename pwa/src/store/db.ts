/** IndexedDB: settings, which model answers, the outbox and its photos; one schema, versioned. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Row } from './rows';

interface Schema extends DBSchema {
  settings: { key: string; value: unknown };
  models: { key: string; value: unknown };
  captures: { key: string; value: Row };
  /** JPEG bytes by capture id, apart, so that a list of captures does not carry them. */
  photos: { key: string; value: ArrayBuffer };
}

let opening: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opening ??= openDB<Schema>('tamis', 2, {
    upgrade(db, from) {
      if (from < 1) {
        db.createObjectStore('settings');
        db.createObjectStore('models');
      }
      if (from < 2) {
        db.createObjectStore('captures', { keyPath: 'id' });
        db.createObjectStore('photos');
      }
    },
    blocking: () => void close(), // a newer app in another tab must not wait for this one
    terminated: () => (opening = undefined),
  });
  opening.catch(() => (opening = undefined)); // it may open next time
  return opening;
}

async function close(): Promise<void> {
  const opened = await opening;
  opening = undefined;
  opened?.close();
}

/** Undefined also where the browser refuses storage: the app then works and remembers nothing. */
export async function read(store: 'settings' | 'models', key: string): Promise<unknown> {
  return unlessRefused(async () => (await database()).get(store, key));
}

/** False where the browser refuses storage. */
export async function write(
  store: 'settings' | 'models',
  key: string,
  value: unknown,
): Promise<boolean> {
  return (await unlessRefused(async () => (await database()).put(store, value, key))) !== undefined;
}

export async function forgetNote(store: 'settings' | 'models', key: string): Promise<void> {
  await unlessRefused(async () => (await database()).delete(store, key));
}

export async function allRows(): Promise<Row[]> {
  return (await unlessRefused(async () => (await database()).getAll('captures'))) ?? [];
}

export async function rowOf(id: string): Promise<Row | undefined> {
  return unlessRefused(async () => (await database()).get('captures', id));
}

export async function photoOf(id: string): Promise<ArrayBuffer | undefined> {
  return unlessRefused(async () => (await database()).get('photos', id));
}

/** Keep a row with its photo: both or neither. False where the browser refuses. */
export async function addRow(row: Row, photo: ArrayBuffer): Promise<boolean> {
  const added = await unlessRefused(async () => {
    const work = (await database()).transaction(['captures', 'photos'], 'readwrite');
    await Promise.all([
      work.objectStore('captures').put(row),
      work.objectStore('photos').put(photo, row.id),
      work.done,
    ]);
    return true;
  });
  return added === true;
}

/**
 * Change a row in one transaction, whoever else changes it: undefined is a row that is not there,
 * and null drops it with its photo. The photo of a row to be erased goes at once.
 */
export async function editRow(
  id: string,
  change: (row: Row | undefined) => Row | null | undefined,
): Promise<void> {
  await unlessRefused(async () => {
    const work = (await database()).transaction(['captures', 'photos'], 'readwrite');
    const captures = work.objectStore('captures');
    const changed = change(await captures.get(id));
    if (changed === null) {
      await Promise.all([captures.delete(id), work.objectStore('photos').delete(id)]);
    } else if (changed !== undefined) {
      await captures.put(changed);
      if (changed.deleted) await work.objectStore('photos').delete(id);
    }
    await work.done;
  });
}

export async function photoIds(): Promise<readonly string[]> {
  return (await unlessRefused(async () => (await database()).getAllKeys('photos'))) ?? [];
}

export async function dropPhotos(ids: readonly string[]): Promise<void> {
  await unlessRefused(async () => {
    const work = (await database()).transaction('photos', 'readwrite');
    await Promise.all([...ids.map((id) => work.store.delete(id)), work.done]);
  });
}

/** Forget every capture on this phone, sent or not. */
export async function dropAllRows(): Promise<void> {
  await unlessRefused(async () => {
    const work = (await database()).transaction(['captures', 'photos'], 'readwrite');
    await Promise.all([
      work.objectStore('captures').clear(),
      work.objectStore('photos').clear(),
      work.done,
    ]);
  });
}

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
