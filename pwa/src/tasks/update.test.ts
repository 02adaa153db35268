import 'fake-indexeddb/auto';
import { createHash } from 'node:crypto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ModelEntry } from '../api/types';
import type { Card } from './task';

type Models = typeof import('./models');

/** What each model answers to its self-test; the worker is played by hand. */
const answers = new Map<string, number[]>();
const closed: string[] = [];
vi.mock('../infer/bridge', () => ({
  bridge: {
    run: (sha256: string) =>
      Promise.resolve({ scores: Float32Array.from(answers.get(sha256) ?? []), presence: 1 }),
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

const PHOTO = { kind: 'image', shape: [1, 2, 2, 3] };
const SOUND = { kind: 'sound', shape: [1, 400] };

function model(version: string, answer = [0.9, 0.1], task = 'waste', engine = 'net'): Served {
  const bytes = new Uint8Array(256);
  bytes.set(new TextEncoder().encode(`\0\0\0\0TFL3 ${task} ${engine} ${version}`));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  answers.set(sha256, answer);
  const card = {
    runtime: 'tflite',
    input: task === 'waste' ? PHOTO : SOUND,
    selftest: { input: 'ramp', output: [0.9, 0.1], tolerance: 0.02 },
  } as unknown as Card;
  const url = `/api/models/${sha256}.tflite`;
  const entry: Served['entry'] = {
    ...{ task, engine, version, sha256, size_bytes: 256, url, card },
  };
  return { entry, bytes };
}

const old = model('2026.47.1');
const next = model('2026.48.1');
let models: Models;
let waste: ReturnType<Models['modelOf']>;
let caches: Caches;
let fetched: string[];
let serving: Served;
/** The champions of other engines. */
let others: Served[];
/** What comes instead of the next model's file. */
let instead: (() => Response) | null;

function answer(path: string): Promise<Response> {
  fetched.push(path);
  const champions = [...others, serving];
  if (path === '/api/models/') return Promise.resolve(Response.json(champions.map(({ entry }) => entry)));
  if (instead !== null) return Promise.resolve(instead());
  return Promise.resolve(new Response(champions.find(({ entry }) => entry.url === path)?.bytes));
}

beforeEach(async () => {
  vi.resetModules();
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('caches', (caches = new Caches()));
  vi.stubGlobal('fetch', answer);
  [fetched, serving, others, instead] = [[], old, [], null];
  closed.length = 0;
  models = await import('./models');
  waste = models.modelOf('waste');
  await waste.update();
  expect(waste.entry.value?.version).toBe('2026.47.1');
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
  await waste.update();
  expect(waste.state.value).toEqual({ kind: 'failed', reason });
  expect(waste.entry.value?.version).toBe('2026.47.1');
  expect(await models.bytesOf(old.entry)).toEqual(old.bytes);
  instead = null;
  await waste.update();
  expect(waste.entry.value?.version).toBe('2026.48.1');
});

test('a model that answers otherwise than its card stays out, and is not fetched again', async () => {
  serving = model('2026.48.2', [0.2, 0.8]);
  await waste.update();
  expect(waste.state.value).toEqual({ kind: 'failed', reason: 'self-test' });
  expect(waste.entry.value?.version).toBe('2026.47.1');
  expect(closed).toEqual([serving.entry.sha256]);
  const before = fetched.length;
  await waste.update();
  expect(fetched.slice(before)).toEqual(['/api/models/']);
  expect(waste.state.value).toEqual({ kind: 'failed', reason: 'self-test' });
  answers.set(serving.entry.sha256, [0.9, 0.1]);
  await waste.updateNow();
  expect(waste.entry.value?.version).toBe('2026.48.2');
});

test('no room for the file: the old model stays', async () => {
  caches.room = false;
  await waste.update();
  expect(waste.state.value).toEqual({ kind: 'failed', reason: 'storage' });
  expect(waste.entry.value?.version).toBe('2026.47.1');
  expect(closed).toEqual([next.entry.sha256]);
});

test('no room for the note: the file goes again, and the next visit has the old model', async () => {
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  await waste.update();
  expect(waste.state.value).toEqual({ kind: 'failed', reason: 'storage' });
  expect(caches.keys()).toEqual([old.entry.url]);
  vi.resetModules();
  models = await import('./models');
  waste = models.modelOf('waste');
  await waste.restore();
  expect(waste.entry.value?.version).toBe('2026.47.1');
});

test('a roll-back is adopted like any champion, and the newer one leaves the phone', async () => {
  await waste.update();
  serving = old;
  await waste.update();
  expect(waste.entry.value?.version).toBe('2026.47.1');
  expect(caches.keys()).toEqual([old.entry.url]);
});

test('two looks at once are one', async () => {
  const before = fetched.length;
  await Promise.all([waste.update(), waste.update()]);
  expect(fetched.slice(before)).toEqual(['/api/models/', next.entry.url]);
});

test('looked at again, the app asks for a new champion, at most every ten minutes', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', () => undefined);
  await waste.update();
  waste.follow();
  const looks = (): number => fetched.filter((path) => path === '/api/models/').length;
  const before = looks();
  page.dispatchEvent(new Event('visibilitychange'));
  vi.setSystemTime(Date.now() + 9 * 60_000);
  page.dispatchEvent(new Event('visibilitychange'));
  expect(looks()).toBe(before);
  vi.setSystemTime(Date.now() + 60_000);
  page.dispatchEvent(new Event('visibilitychange'));
  await waste.update(); // joins the look under way
  expect(looks()).toBe(before + 1);
  vi.useRealTimers();
});

describe('several tasks', () => {
  const large = model('2026.48.1', [0.9, 0.1], 'genre', 'vgg19');
  const genre = model('2026.48.1', [0.9, 0.1], 'genre');
  const voice = model('2026.48.1', [0.2, 0.8], 'emotion'); // answers otherwise than its card says

  beforeEach(() => (others = [large, genre, voice]));

  test('each has its own model, and what one lacks is nothing to the others', async () => {
    const [music, emotion] = [models.modelOf('genre'), models.modelOf('emotion')];
    await Promise.all([music.update(), emotion.update(), waste.update()]);
    expect(music.entry.value?.sha256).toBe(genre.entry.sha256);
    expect(emotion.entry.value).toBeNull();
    expect(emotion.state.value).toEqual({ kind: 'failed', reason: 'self-test' });
    expect(waste.entry.value?.sha256).toBe(next.entry.sha256);
    expect(caches.keys().sort()).toEqual([genre.entry.url, next.entry.url].sort());
  });

  test('nobody fetches what was not asked for', async () => {
    await waste.update();
    expect(fetched).not.toContain(genre.entry.url);
  });

  test('brought once, it is there at the next visit without a network', async () => {
    vi.stubGlobal('document', new EventTarget());
    vi.stubGlobal('addEventListener', () => undefined);
    await models.modelOf('genre').bring();
    await models.modelOf('genre', 'vgg19').bring();
    vi.resetModules();
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    models = await import('./models');
    const [net, vgg19] = [models.modelOf('genre'), models.modelOf('genre', 'vgg19')];
    await Promise.all([net.restore(), vgg19.restore()]);
    expect(net.entry.value?.sha256).toBe(genre.entry.sha256);
    expect(vgg19.entry.value?.sha256).toBe(large.entry.sha256);
    expect(await models.bytesOf(large.entry)).toEqual(large.bytes);
    await vgg19.drop();
    expect(caches.keys()).not.toContain(large.entry.url);
    await vgg19.restore();
    expect(vgg19.entry.value).toBeNull();
  });

  test('who waits for a model gets it, or learns why not', async () => {
    vi.stubGlobal('document', new EventTarget());
    vi.stubGlobal('addEventListener', () => undefined);
    const entry = await models.whenReady(models.modelOf('genre'));
    expect(entry.sha256).toBe(genre.entry.sha256);
    await expect(models.whenReady(models.modelOf('emotion'))).rejects.toMatchObject({ reason: 'self-test' });
    const abort = AbortSignal.abort(new Error('never mind'));
    await expect(models.whenReady(models.modelOf('emotion'), abort)).rejects.toThrow('never mind');
  });
});
