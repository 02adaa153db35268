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

export async function read(store: 'settings' | 'models', key: string): Promise<unknown> {
  return (await database()).get(store, key);
}

export async function write(store: 'settings' | 'models', key: string, value: unknown): Promise<void> {
  await (await database()).put(store, value, key);
}
