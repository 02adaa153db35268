/** The page's side of the worker: promises that can be given up, and sleep when nothing is asked. */
import type { Sound } from '../capture/resample';
import type { Asked, ModelInput, RefusalKind, Replied, Request, Results, Source } from './protocol';

export class InferenceError extends Error {
  constructor(
    readonly kind: RefusalKind,
    detail: string,
  ) {
    super(detail);
    this.name = 'InferenceError';
  }
}

const IDLE_MS = 5 * 60_000;

interface Waiting {
  readonly resolve: (result: Results[Request['kind']]) => void;
  readonly reject: (error: Error) => void;
}

export class Bridge {
  #worker: Worker | undefined;
  #waiting = new Map<number, Waiting>();
  #opened = new Map<string, Promise<null>>();
  #lastId = 0;
  #idle: ReturnType<typeof setTimeout> | undefined;

  /** The centre square as the model sees it: RGB bytes, side × side × 3. */
  square(
    photo: number,
    source: Source,
    side: number,
    crop: number,
    signal?: AbortSignal,
  ): Promise<Results['square']> {
    const handover = source instanceof ImageBitmap ? [source] : [];
    return this.#ask({ kind: 'square', photo, source, side, crop }, signal, handover);
  }

  /** A JPEG of the photo that was squared last; it can be had once. */
  copy(photo: number, longest: number): Promise<Results['copy']> {
    return this.#ask({ kind: 'copy', photo, longest });
  }

  /** Run a model, opening it first where the worker does not hold it (any more). */
  async run(
    sha256: string,
    input: ModelInput,
    bytes: () => Promise<Uint8Array<ArrayBuffer>>,
    signal?: AbortSignal,
  ): Promise<Results['run']> {
    await this.#open(sha256, bytes);
    return this.#ask({ kind: 'run', sha256, input }, signal);
  }

  /** Samples `start` to `start + count` of a sound at another rate. */
  resample(sound: Sound, rate: number, start: number, count: number, signal?: AbortSignal): Promise<Results['resample']> {
    return this.#ask({ kind: 'resample', sound, rate, start, count }, signal);
  }

  async close(sha256: string): Promise<void> {
    if (this.#opened.delete(sha256)) await this.#ask({ kind: 'close', sha256 });
  }

  #open(sha256: string, bytes: () => Promise<Uint8Array<ArrayBuffer>>): Promise<null> {
    const known = this.#opened.get(sha256);
    if (known !== undefined) return known;
    const opening = bytes().then((model) => this.#ask({ kind: 'open', sha256, model }));
    this.#opened.set(sha256, opening);
    opening.catch(() => this.#opened.delete(sha256)); // a failure is told to the caller, and may be tried again
    return opening;
  }

  #ask<K extends Request['kind']>(
    request: Extract<Request, { kind: K }>,
    signal?: AbortSignal,
    handover: Transferable[] = [],
  ): Promise<Results[K]> {
    signal?.throwIfAborted();
    const worker = this.#wake();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      signal?.addEventListener('abort', () => this.#giveUp(id, signal), { once: true });
      worker.postMessage({ id, request } satisfies Asked, handover);
    });
  }

  #giveUp(id: number, signal: AbortSignal): void {
    this.#waiting.get(id)?.reject(signal.reason as Error);
    this.#settle(id);
  }

  #settle(id: number): void {
    this.#waiting.delete(id);
    clearTimeout(this.#idle);
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.#sleep(), IDLE_MS);
  }

  #wake(): Worker {
    clearTimeout(this.#idle);
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    worker.onmessage = (event: MessageEvent<Replied>) => this.#receive(event.data);
    worker.onerror = (event) => this.#sleep(new InferenceError('runtime', event.message));
    this.#worker = worker;
    return worker;
  }

  #receive(reply: Replied): void {
    const waiting = this.#waiting.get(reply.id);
    if (reply.ok) waiting?.resolve(reply.result);
    else waiting?.reject(new InferenceError(reply.refusal, reply.detail));
    this.#settle(reply.id);
  }

  /** Ends the worker and gives its memory back; whoever still waits learns why. */
  #sleep(reason = new InferenceError('runtime', 'the worker was stopped')): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#opened.clear();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}

export const bridge = new Bridge();
