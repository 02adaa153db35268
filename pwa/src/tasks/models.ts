/** Which models answer here: read the index, download, verify, self-test, then swap; each by itself. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { modelIndex, OfflineError, ProblemError } from '../api/client';
import type { ModelEntry } from '../api/types';
import { bridge } from '../infer/bridge';
import { forgetNote, read, write } from '../store/db';
import { download } from './download';
import type { Card, TaskName } from './task';
import { ModelError, selfTest, verify, type ModelFailure } from './verify';

export { ModelError, type ModelFailure } from './verify';

export type ModelState =
  | { readonly kind: 'absent' }
  | { readonly kind: 'downloading'; readonly received: number; readonly total: number }
  | { readonly kind: 'checking' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: ModelFailure };

export type Entry = ModelEntry<Card>;

const CACHE = 'models';

/** The engine that answers first, for every task. */
const NET = 'net';

/** How often the server is asked for a new champion without being told to. */
const LOOK_AGAIN_MS = 10 * 60_000;

/** What this visit found wrong with a model, by its sum: not fetched again unless the person asks. */
const unfit = new Map<string, ModelFailure>();

const models = new Map<string, DeviceModel>();

/** The model of a task's engine on this device, present or not. */
export function modelOf(task: TaskName, engine = NET): DeviceModel {
  const key = engine === NET ? task : `${task}/${engine}`;
  const known = models.get(key) ?? new DeviceModel(task, engine, key);
  models.set(key, known);
  return known;
}

/** The bytes of a model this device has verified before. */
export async function bytesOf(entry: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const kept = await (await caches.open(CACHE)).match(entry.url);
  if (kept === undefined) throw new ModelError('not-a-model', 'the browser dropped the model');
  return new Uint8Array(await kept.arrayBuffer());
}

export class DeviceModel {
  readonly #entry = signal<Entry | null>(null);
  readonly #state = signal<ModelState>({ kind: 'absent' });
  #lastLook = 0;
  #updating: Promise<void> | undefined;
  #restoring: Promise<void> | undefined;
  #followed = false;

  constructor(
    readonly task: TaskName,
    readonly engine: string,
    /** Under which this device notes which one answers. */
    private readonly key: string,
  ) {}

  /** The model that answers now. */
  get entry(): ReadonlySignal<Entry | null> {
    return this.#entry;
  }

  /** What is being done about the next one. */
  get state(): ReadonlySignal<ModelState> {
    return this.#state;
  }

  /** Have it from now on: kept by an earlier visit or fetched, and followed. Looks at each call. */
  async bring(): Promise<void> {
    await this.restore();
    if (!this.#followed) this.follow();
    await this.update();
  }

  /** Find the model kept by an earlier visit. Asks no network. */
  restore(): Promise<void> {
    this.#restoring ??= this.#restore();
    return this.#restoring;
  }

  async #restore(): Promise<void> {
    const entry = (await read('models', this.key)) as Entry | undefined;
    if (entry === undefined || !isSecureContext || !(await caches.has(CACHE))) return;
    if ((await (await caches.open(CACHE)).match(entry.url)) === undefined) return;
    this.#entry.value = entry;
    this.#state.value = { kind: 'ready' };
  }

  /** The person wants the room back. */
  async drop(): Promise<void> {
    const entry = this.#entry.value;
    await forgetNote('models', this.key);
    this.#entry.value = null;
    this.#state.value = { kind: 'absent' };
    if (entry !== null) await forget(entry);
  }

  /** Look for a new champion when the network is back, and when the app is looked at again. */
  follow(): void {
    this.#followed = true;
    addEventListener('online', () => void this.update());
    document.addEventListener('visibilitychange', () => {
      const waited = Date.now() - this.#lastLook;
      // A clock set back does not stop the looking.
      const due = waited >= LOOK_AGAIN_MS || waited < 0;
      if (document.visibilityState === 'visible' && due) void this.update();
    });
  }

  /** The person asks: a model that was unfit a while ago is tried again. */
  updateNow(): Promise<void> {
    unfit.clear();
    return this.update();
  }

  /** Bring the device to the server's champion, newer or older. One look at a time. */
  update(): Promise<void> {
    this.#updating ??= this.#look().finally(() => (this.#updating = undefined));
    return this.#updating;
  }

  /** A failure keeps the model there is, and says so. */
  async #look(): Promise<void> {
    this.#lastLook = Date.now();
    try {
      if (!isSecureContext) throw new ModelError('insecure', 'no caches, no digests');
      const champion = await this.#champion();
      if (champion.sha256 !== this.#entry.value?.sha256) await this.#adoptUnlessUnfit(champion);
      this.#state.value = { kind: 'ready' };
    } catch (error) {
      this.#state.value = { kind: 'failed', reason: reasonOf(error) };
    }
  }

  async #champion(): Promise<Entry> {
    const champion = (await modelIndex<Card>()).find(
      ({ task, engine, card }) => task === this.task && engine === this.engine && card.runtime === 'tflite',
    );
    if (champion === undefined) throw new ModelError('server', `no model for ${this.key}`);
    return champion;
  }

  async #adoptUnlessUnfit(champion: Entry): Promise<void> {
    const known = unfit.get(champion.sha256);
    if (known !== undefined) throw new ModelError(known, 'found before');
    try {
      await this.#adopt(champion);
    } catch (error) {
      // A damaged download may come whole next time; a model that answers wrongly here stays wrong.
      const lasting = error instanceof ModelError && ['self-test', 'runtime'].includes(error.reason);
      if (lasting) unfit.set(champion.sha256, error.reason);
      throw error;
    }
  }

  async #adopt(entry: Entry): Promise<void> {
    const bytes = await download(entry, (received, total) => {
      this.#state.value = { kind: 'downloading', received, total };
    });
    this.#state.value = { kind: 'checking' };
    await verify(bytes, entry.sha256);
    await selfTest(entry.card, bytes, entry.sha256);
    try {
      await this.#keep(entry, bytes);
    } catch (error) {
      await bridge.close(entry.sha256);
      throw error;
    }
    const previous = this.#entry.value;
    this.#entry.value = entry;
    if (previous !== null) await forget(previous);
  }

  /** The file, then the note that it answers from now on: without the note the old one still does. */
  async #keep(entry: Entry, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const cache = await caches.open(CACHE);
    await cache.put(entry.url, new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } }));
    if (await write('models', this.key, entry)) return;
    await cache.delete(entry.url);
    throw new ModelError('storage', 'the browser keeps no note of the model');
  }
}

/** The model once it answers here; rejects with a ModelError where it is known that none will. */
export async function whenReady(model: DeviceModel, abort?: AbortSignal): Promise<Entry> {
  abort?.throwIfAborted();
  const arrived = new Promise<Entry>((resolve, reject) => {
    abort?.addEventListener('abort', () => reject(abort.reason as Error), { once: true });
    const stop = model.entry.subscribe((entry) => {
      if (entry !== null) resolve(entry);
    });
    if (model.entry.value !== null) {
      stop();
      return;
    }
    const told = (): void => {
      stop();
      const { value } = model.state;
      reject(new ModelError(value.kind === 'failed' ? value.reason : 'server', 'no model here'));
    };
    model.bring().then(told, reject);
  });
  return arrived;
}

function reasonOf(error: unknown): ModelFailure {
  if (error instanceof ModelError) return error.reason;
  if (error instanceof OfflineError) return 'offline';
  if (error instanceof ProblemError) return 'server';
  if (error instanceof DOMException) return 'storage'; // caches and IndexedDB refuse in no other way
  throw error;
}

async function forget({ url, sha256 }: Entry): Promise<void> {
  await (await caches.open(CACHE)).delete(url);
  await bridge.close(sha256);
}
