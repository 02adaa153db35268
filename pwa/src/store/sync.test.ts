import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakeServer, type Fault } from './server.fake';
import type { Row } from './rows';

type Outbox = typeof import('./outbox');
type Sync = typeof import('./sync');
type Account = typeof import('./account');

let server: FakeServer;
let outbox: Outbox;
let sync: Sync;
let account: Account;

/** A phone that starts: fresh modules over the same database. */
async function start(): Promise<void> {
  vi.resetModules();
  [outbox, sync, account] = await Promise.all([
    import('./outbox'),
    import('./sync'),
    import('./account'),
  ]);
  await Promise.all([outbox.loadRows(), account.loadAccount()]);
}

beforeEach(async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('location', { href: 'https://tamis.test/' });
  vi.stubGlobal('BroadcastChannel', undefined);
  Reflect.deleteProperty(globalThis, 'BroadcastChannel');
  server = new FakeServer();
  vi.stubGlobal('document', server.browser);
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => server.answer(path, init));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: new Date('2026-11-24T10:00:00Z') });
  await start();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const scan = (n: number): Row => ({
  id: `scan-${String(n).padStart(3, '0')}`,
  task: 'waste',
  captured_at: new Date(Date.UTC(2026, 10, 24, 8, 0, n)).toISOString(),
  ...{ department: '33', territory: null, said: null, correction: null },
  ...{ deleted: false, upload: 'pending', told: null, refused: null, owner: null, server: null },
});

const photo = (n: number): ArrayBuffer => new TextEncoder().encode(`photo ${n}`).buffer;

const consent = (store = true, train = false): Promise<void> =>
  account.changeAccount((before) => account.withWord(before, store, train));

async function keep(...numbers: number[]): Promise<void> {
  for (const n of numbers) await outbox.keep(scan(n), photo(n));
}

const byId = (n: number): Row | undefined => outbox.rowById.value.get(scan(n).id);

const afterUndo = (): unknown => vi.setSystemTime(Date.now() + 31_000);

test('without consent nothing leaves: no session, no photo', async () => {
  await keep(1);
  await sync.flush();
  expect(server.log).toEqual([]);
  expect(outbox.pending.value).toBe(0);
});

test('first who, then what is allowed, then scans, oldest first', async () => {
  await consent(true, true);
  await keep(2, 1);
  await outbox.correct(scan(1).id, 'verre');
  afterUndo();
  expect(outbox.pending.value).toBe(2);
  await sync.flush();
  expect(server.log).toEqual([
    'POST /api/session/',
    'PUT /api/me/consents/store/',
    'PUT /api/me/consents/train/',
    'PUT /api/captures/scan-001/',
    'PUT /api/captures/scan-001/correction/',
    'PUT /api/captures/scan-002/',
  ]);
  expect(server.corrections.get('scan-001')).toBe('verre');
  expect(outbox.pending.value).toBe(0);
});

test('a browser without room keeps nothing, and says so', async () => {
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  expect(await outbox.keep(scan(1), photo(1))).toBe(false);
  expect(outbox.history.value).toEqual([]);
  put.mockRestore();
  expect(await outbox.keep(scan(1), photo(1))).toBe(true);
  expect(outbox.history.value).toHaveLength(1);
});

test('a second flush says nothing again', async () => {
  await consent();
  await keep(1);
  await sync.flush();
  const before = server.log.length;
  await sync.flush();
  expect(server.log).toHaveLength(before);
});

test('a correction stays here for 30 seconds, and one taken back never leaves', async () => {
  await consent();
  await keep(1);
  await outbox.correct(scan(1).id, 'verre');
  await sync.flush();
  expect(server.captures.size).toBe(1);
  expect(server.corrections.size).toBe(0);
  expect(outbox.pending.value).toBe(1);
  await outbox.undo(scan(1).id);
  afterUndo();
  await sync.flush();
  expect(server.log.filter((line) => line.includes('correction'))).toEqual([]);
  expect(outbox.pending.value).toBe(0);
});

test('a correction left behind by a closed app is told by the next one', async () => {
  await consent();
  await keep(1);
  await outbox.correct(scan(1).id, 'verre');
  afterUndo();
  await start();
  await sync.flush();
  expect(server.corrections.get('scan-001')).toBe('verre');
});

describe('what passes is tried again, and what is refused is not', () => {
  test.each<[string, Fault]>([
    ['no network', 'lost'],
    ['the answer is lost', 'answer-lost'],
    ['the answer is cut', 'cut'],
    ['a page of something in between', 'page'],
    ...[408, 429, 500, 502, 503, 507].map((status): [string, Fault] => [`status ${status}`, status]),
  ])('%s', async (_name, fault) => {
    await consent();
    await keep(1, 2);
    server.faults = [null, null, fault];
    await sync.flush();
    expect(outbox.pending.value).toBeGreaterThan(0);
    expect(byId(1)?.refused).toBeNull();
    expect(sync.standstill.value).not.toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(outbox.pending.value).toBe(0));
    expect(server.kept()).toEqual(['scan-001', 'scan-002']);
    expect(sync.standstill.value).toBeNull();
  });

  test.each([400, 409, 413, 415, 422])('status %i is shown, and the next scan goes on', async (status) => {
    await consent();
    await keep(1, 2);
    server.faults = [null, null, status];
    await sync.flush();
    expect(byId(1)?.refused).toEqual({ step: 'upload', slug: `problem-${status}` });
    expect(server.kept()).toEqual(['scan-002']);
    const before = server.log.length;
    await sync.flush();
    expect(server.log).toHaveLength(before);
    await outbox.tryAgain(scan(1).id);
    await sync.flush();
    expect(server.kept()).toEqual(['scan-001', 'scan-002']);
  });

  test('Retry-After is obeyed, however impatient the person', async () => {
    await consent();
    await keep(1);
    server.faults = [null, null, 503];
    server.retryAfter = 90;
    await sync.flush();
    const before = server.log.length;
    vi.setSystemTime(Date.now() + 60_000);
    sync.hurry();
    await sync.flush();
    expect(server.log).toHaveLength(before);
    vi.setSystemTime(Date.now() + 31_000);
    await sync.flush();
    expect(server.kept()).toEqual(['scan-001']);
  });

  test('waits grow to five minutes, never twice the same', () => {
    expect(sync.backoff(0, () => 0)).toBe(500);
    expect(sync.backoff(0, () => 1)).toBe(1000);
    expect(sync.backoff(3, () => 1)).toBe(8000);
    expect(sync.backoff(40, () => 1)).toBe(300_000);
  });
});

describe('who we are', () => {
  test('a session that is gone: a new pseudonym, the same consents, and on', async () => {
    await consent(true, true);
    await keep(1);
    await sync.flush();
    server.forgetSession();
    await keep(2);
    await sync.flush();
    expect(server.kept()).toEqual(['scan-001', 'scan-002']);
    expect(server.consents).toEqual({ store: true, train: true });
    expect(byId(2)?.owner).toBe('person-2');
    expect(byId(1)?.owner).toBe('person-1');
  });

  test('consent taken back on another phone: the scan waits here, and is not refused', async () => {
    await consent();
    await keep(1);
    await sync.flush();
    server.consents = { store: false, train: false };
    await keep(2);
    await sync.flush();
    expect(account.mayKeep.value).toBe(false);
    expect(byId(2)).toMatchObject({ upload: 'tried', refused: null });
    expect(outbox.pending.value).toBe(0);
  });

  test('a stale CSRF cookie is renewed once', async () => {
    await consent();
    await sync.flush();
    await keep(1);
    server.csrf = 'rotated';
    await sync.flush();
    expect(server.kept()).toEqual(['scan-001']);
  });

  test('consents that the server refuses hold everything back, and are told', async () => {
    await consent();
    await keep(1);
    server.faults = [null, 400];
    await sync.flush();
    expect(sync.standstill.value).toBe('refused');
    expect(server.kept()).toEqual([]);
    expect(outbox.pending.value).toBe(1);
  });
});

describe('erasing', () => {
  test('what never left needs no server', async () => {
    await consent();
    await keep(1);
    await outbox.erase([scan(1).id]);
    await sync.flush();
    expect(server.log.filter((line) => line.includes('captures'))).toEqual([]);
    expect(outbox.history.value).toEqual([]);
  });

  test('what may have arrived is erased there, also without consent', async () => {
    await consent();
    await keep(1);
    server.faults = [null, null, 'answer-lost'];
    await sync.flush();
    await outbox.erase([scan(1).id]);
    await consent(false);
    expect(outbox.history.value).toEqual([]);
    await sync.flush();
    expect(server.kept()).toEqual([]);
    expect(outbox.pending.value).toBe(0);
  });

  test('during the upload it is still erased', async () => {
    await consent();
    await keep(1);
    server.during = () => outbox.erase([scan(1).id]);
    await sync.flush();
    expect(server.kept()).toEqual([]);
    expect(outbox.rowById.value.size).toBe(0);
  });
});

describe('the server’s list', () => {
  test('comes page by page; what another phone erased goes, what is not ours stays', async () => {
    await consent();
    await keep(1, 2, 3);
    await sync.flush();
    server.addElsewhere('scan-900', 'metal');
    server.captures.delete('scan-002');
    await outbox.edit(scan(3).id, (row) => row && { ...row, owner: 'somebody-else' });
    server.captures.delete('scan-003');
    await sync.refresh();
    const ids = outbox.history.value.map(({ id }) => id).sort();
    expect(ids).toEqual(['scan-001', 'scan-003', 'scan-900']);
    expect(outbox.rowById.value.get('scan-900')).toMatchObject({ upload: 'sent', told: 'metal' });
  });

  test('older photos that the server has make room, rows stay', async () => {
    await consent();
    await keep(...Array.from({ length: 203 }, (_, i) => i));
    await sync.flush();
    const { photoIds } = await import('./db');
    expect(await photoIds()).toHaveLength(200);
    expect(await photoIds()).not.toContain(scan(0).id);
    expect(outbox.history.value).toHaveLength(203);
  });
});

test('any order of faults: every scan arrives once, every correction too', async () => {
  const random = seeded(20261124);
  await consent();
  await keep(...Array.from({ length: 40 }, (_, i) => i));
  for (let i = 0; i < 40; i += 3) await outbox.correct(scan(i).id, 'verre');
  afterUndo();
  const faults: readonly Fault[] = [null, null, 'lost', 'answer-lost', 'cut', 503, 500];
  server.chance = () => faults[Math.floor(random() * faults.length)] ?? null;
  for (let round = 0; round < 400 && outbox.pending.value > 0; round++) {
    await sync.flush();
    if (round % 7 === 0) await start(); // the app is killed, and comes back
  }
  expect(outbox.pending.value).toBe(0);
  expect(server.kept()).toHaveLength(40);
  expect(server.doubles).toBe(0);
  expect(server.corrections.size).toBe(14);
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
