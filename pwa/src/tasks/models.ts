/** Which model answers here: read the index, download, verify, self-test, then swap. */
import { signal } from '@preact/signals';
import { modelIndex, OfflineError, ProblemError, request } from '../api/client';
import type { ModelEntry } from '../api/types';
import { bridge } from '../infer/bridge';
import { read, write } from '../store/db';
import type { Card, TaskName } from './task';

export type ModelState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'downloading'; readonly received: number; readonly total: number }
  | { readonly kind: 'checking' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: ModelFailure };

export type ModelFailure =
  | 'offline'
  | 'server'
  | 'insecure'
  | 'storage'
  | 'not-a-model'
  | 'wrong-sum'
  | 'self-test'
  | 'runtime';

export type Entry = ModelEntry<Card>;

export class ModelError extends Error {
  constructor(
    readonly reason: ModelFailure,
    detail: string,
  ) {
    super(detail);
    this.name = 'ModelError';
  }
}

const CACHE = 'models';

/** The model that answers now, and what is being done about the next one. */
export const current = signal<Entry | null>(null);
export const modelState = signal<ModelState>({ kind: 'absent' });

/** The bytes of a model this device has verified before. */
export async function bytesOf(entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const kept = await (await caches.open(CACHE)).match(entry.url);
  if (kept === undefined) throw new ModelError('not-a-model', 'the browser dropped the model');
  return new Uint8Array(await kept.arrayBuffer());
}

/** Find the model kept by an earlier visit. Asks no network. */
export async function restore(task: TaskName): Promise<void> {
  const entry = (await read('models', task)) as Entry | undefined;
  if (entry === undefined || !isSecureContext || !(await caches.has(CACHE))) return;
  if ((await (await caches.open(CACHE)).match(entry.url)) === undefined) return;
  current.value = entry;
  modelState.value = { kind: 'ready' };
}

/** How often the server is asked for a new champion without being told to. */
const LOOK_AGAIN_MS = 10 * 60_000;

let lastLook = 0;
let updating: Promise<void> | undefined;
/** What this visit found wrong with a model: not fetched again unless the person asks. */
const unfit = new Map<string, ModelFailure>();

/** Look for a new champion when the network is back, and when the app is looked at again. */
export function followChampion(task: TaskName): void {
  addEventListener('online', () => void update(task));
  document.addEventListener('visibilitychange', () => {
    const waited = Date.now() - lastLook;
    // A clock set back does not stop the looking.
    const due = waited >= LOOK_AGAIN_MS || waited < 0;
    if (document.visibilityState === 'visible' && due) void update(task);
  });
}

/** The person asks: a model that was unfit a while ago is tried again. */
export function updateNow(task: TaskName): Promise<void> {
  unfit.clear();
  return update(task);
}

/** Bring the device to the server's champion, newer or older. One look at a time. */
export function update(task: TaskName): Promise<void> {
  updating ??= lookFor(task).finally(() => (updating = undefined));
  return updating;
}

/** A failure keeps the model there is, and says so. */
async function lookFor(task: TaskName): Promise<void> {
  lastLook = Date.now();
  try {
    if (!isSecureContext) throw new ModelError('insecure', 'no caches, no digests');
    const champion = await championOf(task);
    if (champion.sha256 !== current.value?.sha256) await adoptUnlessUnfit(task, champion);
    modelState.value = { kind: 'ready' };
  } catch (error) {
    modelState.value = { kind: 'failed', reason: reasonOf(error) };
  }
}

async function adoptUnlessUnfit(task: TaskName, champion: Entry): Promise<void> {
  const known = unfit.get(champion.sha256);
  if (known !== undefined) throw new ModelError(known, 'found before');
  try {
    await adopt(task, champion);
  } catch (error) {
    // A damaged download may come whole next time; a model that answers wrongly here stays wrong.
    const lasting = error instanceof ModelError && ['self-test', 'runtime'].includes(error.reason);
    if (lasting) unfit.set(champion.sha256, error.reason);
    throw error;
  }
}

function reasonOf(error: unknown): ModelFailure {
  if (error instanceof ModelError) return error.reason;
  if (error instanceof OfflineError) return 'offline';
  if (error instanceof ProblemError) return 'server';
  if (error instanceof DOMException) return 'storage'; // caches and IndexedDB refuse in no other way
  throw error;
}

async function championOf(task: TaskName): Promise<Entry> {
  const champion = (await modelIndex<Card>()).find(
    (entry) => entry.task === task && entry.card.runtime === 'tflite',
  );
  if (champion === undefined) throw new ModelError('server', `no model for ${task}`);
  return champion;
}

async function adopt(task: TaskName, entry: Entry): Promise<void> {
  const bytes = await download(entry);
  modelState.value = { kind: 'checking' };
  await verify(bytes, entry.sha256);
  await selfTest(entry, bytes);
  try {
    await keep(task, entry, bytes);
  } catch (error) {
    await bridge.close(entry.sha256);
    throw error;
  }
  const previous = current.value;
  current.value = entry;
  if (previous !== null) {
    await (await caches.open(CACHE)).delete(previous.url);
    await bridge.close(previous.sha256);
  }
}

/** The file, then the note that it answers from now on: without the note the old one still does. */
async function keep(task: TaskName, entry: Entry, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(entry.url, new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } }));
  if (await write('models', task, entry)) return;
  await cache.delete(entry.url);
  throw new ModelError('storage', 'the browser keeps no note of the model');
}

async function download(entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
  // Past the HTTP cache: it would give the same damaged bytes again, and keep a second copy of good ones.
  const response = await request(entry.url, { cache: 'no-store' });
  const total = entry.size_bytes;
  if (response.body === null) throw new ModelError('not-a-model', 'empty answer');
  const bytes = new Uint8Array(total);
  let received = 0;
  for await (const part of chunks(response.body)) {
    if (received + part.length > total) throw new ModelError('wrong-sum', 'longer than announced');
    bytes.set(part, received);
    received += part.length;
    modelState.value = { kind: 'downloading', received, total };
  }
  return bytes.subarray(0, received);
}

/** Safari has no async iteration of streams. */
async function* chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const part = await reader.read().catch((cause: unknown) => {
      throw new OfflineError(cause); // the network went away half-way
    });
    if (part.done) return;
    yield part.value;
  }
}

/** The mark of a TFLite file at byte 4, then its sum: a 200 page is not a model. */
export async function verify(bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<void> {
  const mark = String.fromCharCode(...bytes.subarray(4, 8));
  if (mark !== 'TFL3') throw new ModelError('not-a-model', 'no TFL3 mark');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== sha256) throw new ModelError('wrong-sum', `sha256 is ${hex}`);
}

/** The card's "ramp": pixel[y][x][c] = (7x + 11y + 83c) mod 256. */
export function ramp([, height, width, channels]: Card['input']['shape']): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) pixels[at++] = (7 * x + 11 * y + 83 * c) % 256;
    }
  }
  return pixels;
}

/** True when a model gives on this machine what its card says it gives. */
export function agrees(output: ArrayLike<number>, { output: expected, tolerance }: Card['selftest']): boolean {
  return (
    output.length === expected.length &&
    expected.every((value, i) => Math.abs((output[i] ?? NaN) - value) <= tolerance)
  );
}

async function selfTest({ card, sha256 }: Entry, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  let output: Float32Array;
  try {
    output = await bridge.run(sha256, ramp(card.input.shape), () => Promise.resolve(bytes.slice()));
  } catch (error) {
    throw new ModelError('runtime', String(error));
  }
  if (agrees(output, card.selftest)) return;
  await bridge.close(sha256);
  throw new ModelError('self-test', 'the model does not answer as its card says');
}
