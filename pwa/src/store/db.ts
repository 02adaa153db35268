/** IndexedDB: settings and which model answers; one schema, versioned. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';

interface Schema extends DBSchema {
  settings: { key: string; value: unknown };
  models: { key: string; value: unknown };
}

let opening: Promise<IDBPDatabase<Schema>> | undefined;

function database(): Promise<IDBPDatabase<Schema>> {
  opening ??= openDB<Schema>('tamis', 1, {
    upgrade(db) {
      db.createObjectStore('settings');
      db.createObjectStore('models');
    },
  });
  return opening;
}

/** Undefined also where the browser refuses storage: the app then works and remembers nothing. */
export async function read(store: 'settings' | 'models', key: string): Promise<unknown> {
  return unlessRefused(async () => (await database()).get(store, key));
}

export async function write(store: 'settings' | 'models', key: string, value: unknown): Promise<void> {
  await unlessRefused(async () => (await database()).put(store, value, key));
}

async function unlessRefused<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
