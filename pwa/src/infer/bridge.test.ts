import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Bridge } from './bridge';
import type { Asked, Heard, Replied } from './protocol';

/** A worker that answers when it is told to, or breaks. */
class HandWorker {
  static all: HandWorker[] = [];
  onmessage: ((event: { data: Replied }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  readonly asked: Asked[] = [];
  terminated = false;

  constructor() {
    HandWorker.all.push(this);
  }

  postMessage(asked: Asked): void {
    this.asked.push(asked);
    const { kind } = asked.request;
    if (kind === 'open') this.reply({ id: asked.id, ok: true, result: null });
  }

  terminate(): void {
    this.terminated = true;
  }

  reply(data: Replied): void {
    this.onmessage?.({ data });
  }

  kinds(): string[] {
    return this.asked.map(({ request }) => request.kind);
  }

  lastId(): number {
    return this.asked.at(-1)?.id ?? -1;
  }
}

const pixels = new Uint8Array(3);
const bytes = () => Promise.resolve(new Uint8Array(8));
const heard = { scores: new Float32Array([0.9, 0.1]), presence: 1 };

function worker(index = 0): HandWorker {
  const found = HandWorker.all[index];
  if (found === undefined) throw new Error(`no worker ${index}`);
  return found;
}

async function answered(bridge: Bridge, index = 0): Promise<Heard> {
  const running = bridge.run('abc', pixels, bytes);
  await vi.waitFor(() => expect(worker(index).kinds().at(-1)).toBe('run'));
  worker(index).reply({ id: worker(index).lastId(), ok: true, result: heard });
  return running;
}

beforeEach(() => {
  HandWorker.all = [];
  vi.stubGlobal('Worker', HandWorker);
  vi.stubGlobal('ImageBitmap', Map); // any class that no source is of
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a model is opened once and then run', async () => {
  const bridge = new Bridge();
  expect(await answered(bridge)).toBe(heard);
  expect(await answered(bridge)).toBe(heard);
  expect(worker().kinds()).toEqual(['open', 'run', 'run']);
});

test('what is given up rejects at once, and a late answer harms nobody', async () => {
  const bridge = new Bridge();
  const abort = new AbortController();
  const square = bridge.square(1, new Blob(), 224, 0.75, abort.signal);
  abort.abort(new Error('never mind'));
  await expect(square).rejects.toThrow('never mind');
  worker().reply({ id: worker().lastId(), ok: true, result: new Uint8Array(3) });
  expect(await answered(bridge)).toBe(heard);
});

test('a worker that breaks is told to who waits, and the next call gets a new one', async () => {
  const bridge = new Bridge();
  const square = bridge.square(1, new Blob(), 224, 0.75);
  worker().onerror?.({ message: 'out of memory' });
  await expect(square).rejects.toMatchObject({ kind: 'runtime', message: 'out of memory' });
  expect(worker().terminated).toBe(true);
  await answered(bridge, 1);
  expect(worker(1).kinds()).toEqual(['open', 'run']);
});

test('after a while without work the worker gives its memory back', async () => {
  vi.useFakeTimers();
  const bridge = new Bridge();
  await answered(bridge);
  vi.advanceTimersByTime(10 * 60_000);
  expect(worker().terminated).toBe(true);
});

test('a model that cannot be opened may be tried again', async () => {
  const bridge = new Bridge();
  const failing = () => Promise.reject(new Error('dropped by the browser'));
  await expect(bridge.run('abc', pixels, failing)).rejects.toThrow('dropped');
  expect(await answered(bridge)).toBe(heard);
});
