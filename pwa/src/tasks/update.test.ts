import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ModelEntry } from '../api/types';
import type { Card } from './task';

type Models = typeof import('./models');

/** What each model answers to the ramp; the worker is played by hand. */
const answers = new Map<string, number[]>();
const closed: string[] = [];
vi.mock('../infer/bridge', () => ({
  bridge: {
    run: (sha256: string) => Promise.resolve(Float32Array.from(answers.get(sha256) ?? [])),
    close: (sha256: string) => Promise.resolve(closed.push(sha256)),
  },
}));

/** The browser's caches, with room or without. */
class Caches {
  room = true;
  readonly files = new Map<string, ArrayBuffer>();

  has = (): Promise<boolean> => Promise.resolve(true);
  open = () => Promise.resolve(this);
  keys = (): string[] => [...this.files.keys()];

  async put(url: string, response: Response): Promise<void> {
    if (!this.room) throw new DOMException('full', 'QuotaExceededError');
    this.files.set(url, await response.arrayBuffer());
  }

  match(url: string): Promise<Response | undefined> {
    const file = this.files.get(url);
    return Promise.resolve(file === undefined ? undefined : new Response(file.slice(0)));
  }

  delete(url: string): Promise<boolean> {
    return Promise.resolve(this.files.delete(url));
  }
}

interface Served {
  readonly entry: ModelEntry<Card>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function model(version: string, answer = [0.9, 0.1]): Served {
  const bytes = new Uint8Array(256);
  bytes.set(new TextEncoder().encode(`\0\0\0\0TFL3 ${version}`));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  answers.set(sha256, answer);
  const card = {
    runtime: 'tflite',
    input: { shape: [1, 2, 2, 3] },
    selftest: { input: 'ramp', output: [0.9, 0.1], tolerance: 0.02 },
  } as unknown as Card;
  const url = `/api/models/${sha256}.tflite`;
  const entry: Served['entry'] = {
    ...{ task: 'waste', engine: 'net', version, sha256, size_bytes: 256, url, card },
  };
  return { entry, bytes };
}

const old = model('2026.47.1');
const next = model('2026.48.1');
let models: Models;
let caches: Caches;
let fetched: string[];
let serving: Served;
/** What comes instead of the next model's file. */
let instead: (() => Response) | null;

function answer(path: string): Promise<Response> {
  fetched.push(path);
  if (path === '/api/models/') return Promise.resolve(Response.json([serving.entry]));
  if (instead !== null) return Promise.resolve(instead());
  return Promise.resolve(new Response(serving.bytes));
}

beforeEach(async () => {
  vi.resetModules();
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('caches', (caches = new Caches()));
  vi.stubGlobal('fetch', answer);
  [fetched, serving, instead] = [[], old, null];
  closed.length = 0;
  models = await import('./models');
  await models.update('waste');
  expect(models.current.value?.version).toBe('2026.47.1');
  serving = next;
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function cutHalfWay(): Response {
  const half = next.bytes.subarray(0, 100);
  const body = new ReadableStream({
    start(stream) {
      stream.enqueue(half);
      stream.error(new TypeError('network error'));
    },
  });
  return new Response(body);
}

function flipped(): Response {
  const bytes = next.bytes.slice();
  bytes[200] = 1;
  return new Response(bytes);
}

const page = (): Response => new Response('<!doctype html><title>Bienvenue</title>');

test.each([
  ['a download cut half-way', cutHalfWay, 'offline'],
  ['a page instead of the model', page, 'not-a-model'],
  ['one bit changed', flipped, 'wrong-sum'],
  ['a shorter file', () => new Response(next.bytes.slice(0, 99)), 'wrong-sum'],
  ['an error', () => new Response('', { status: 502 }), 'server'],
])('%s: the old model goes on answering, and says so', async (_name, broken, reason) => {
  instead = broken;
  await models.update('waste');
  expect(models.modelState.value).toEqual({ kind: 'failed', reason });
  expect(models.current.value?.version).toBe('2026.47.1');
  expect(await models.bytesOf(old.entry)).toEqual(old.bytes);
  instead = null;
  await models.update('waste');
  expect(models.current.value?.version).toBe('2026.48.1');
});

test('a model that answers otherwise than its card stays out, and is not fetched again', async () => {
  serving = model('2026.48.2', [0.2, 0.8]);
  await models.update('waste');
  expect(models.modelState.value).toEqual({ kind: 'failed', reason: 'self-test' });
  expect(models.current.value?.version).toBe('2026.47.1');
  expect(closed).toEqual([serving.entry.sha256]);
  const before = fetched.length;
  await models.update('waste');
  expect(fetched.slice(before)).toEqual(['/api/models/']);
  expect(models.modelState.value).toEqual({ kind: 'failed', reason: 'self-test' });
  answers.set(serving.entry.sha256, [0.9, 0.1]);
  await models.updateNow('waste');
  expect(models.current.value?.version).toBe('2026.48.2');
});

test('no room for the file: the old model stays', async () => {
  caches.room = false;
  await models.update('waste');
  expect(models.modelState.value).toEqual({ kind: 'failed', reason: 'storage' });
  expect(models.current.value?.version).toBe('2026.47.1');
  expect(closed).toEqual([next.entry.sha256]);
});

test('no room for the note: the file goes again, and the next visit has the old model', async () => {
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  await models.update('waste');
  expect(models.modelState.value).toEqual({ kind: 'failed', reason: 'storage' });
  expect(caches.keys()).toEqual([old.entry.url]);
  vi.resetModules();
  models = await import('./models');
  await models.restore('waste');
  expect(models.current.value?.version).toBe('2026.47.1');
});

test('a roll-back is adopted like any champion, and the newer one leaves the phone', async () => {
  await models.update('waste');
  serving = old;
  await models.update('waste');
  expect(models.current.value?.version).toBe('2026.47.1');
  expect(caches.keys()).toEqual([old.entry.url]);
});

test('two looks at once are one', async () => {
  const before = fetched.length;
  await Promise.all([models.update('waste'), models.update('waste')]);
  expect(fetched.slice(before)).toEqual(['/api/models/', next.entry.url]);
});

test('looked at again, the app asks for a new champion, at most every ten minutes', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', () => undefined);
  await models.update('waste');
  models.followChampion('waste');
  const looks = (): number => fetched.filter((path) => path === '/api/models/').length;
  const before = looks();
  page.dispatchEvent(new Event('visibilitychange'));
  vi.setSystemTime(Date.now() + 9 * 60_000);
  page.dispatchEvent(new Event('visibilitychange'));
  expect(looks()).toBe(before);
  vi.setSystemTime(Date.now() + 60_000);
  page.dispatchEvent(new Event('visibilitychange'));
  await models.update('waste'); // joins the look under way
  expect(looks()).toBe(before + 1);
  vi.useRealTimers();
});
