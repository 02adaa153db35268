/** The photos of this visit and their answers, one after the other; the outbox keeps those that may be. */
import { computed, signal } from '@preact/signals';
import { OfflineError, ProblemError } from '../api/client';
import { mayBePhoto } from '../capture/camera';
import { InferenceError } from '../infer/bridge';
import { account, mayKeep } from '../store/account';
import { correct, keep, rowById, undo } from '../store/outbox';
import { undoLeft, type Row, type Wish } from '../store/rows';
import { settings } from '../store/settings';
import { newId } from '../store/id';
import { keepWhenAllowed, spokenAbout } from './consents';
import { copyOf, prepare, recognise, recogniseThere, type Input } from './recognise';
import { saidOf, type Answer } from './task';

export type Failure = 'undecodable' | 'not-image' | 'no-answer' | 'too-large' | 'unsupported-image'
  | 'undecodable-image' | 'throttled' | 'busy' | 'other';

export type Progress =
  | { readonly kind: 'waiting' | 'preparing' | 'thinking' }
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface Scan {
  /** Born here; it stays the capture's id wherever that goes. */
  readonly id: string;
  readonly at: string;
  /** The file of an imported photo; a camera picture has none. */
  readonly file: File | null;
  readonly input: Input | null;
  readonly progress: Progress;
  /** What the person says it is, while the outbox does not keep it. */
  readonly chosen: Wish | null;
  /** A small JPEG, in memory only unless its person keeps it; null where none can be made. */
  readonly copy: ArrayBuffer | 'soon' | null;
  /** True where the browser had no room to keep it. */
  readonly unkept: boolean;
}

/** Newest first. */
export const scans = signal<readonly Scan[]>([]);

export const running = computed(
  () => scans.value.filter(({ progress }) => !['answered', 'failed'].includes(progress.kind)).length,
);

let queue = Promise.resolve();

export function addFiles(files: readonly File[]): void {
  const added = files.map((file) => newScan(file));
  scans.value = [...added, ...scans.value];
  for (const scan of added) {
    const source = scan.file;
    if (source !== null && mayBePhoto(source)) enqueue(scan.id, source);
    else patch(scan.id, { progress: { kind: 'failed', failure: 'not-image' } });
  }
}

export function addPicture(picture: ImageBitmap): void {
  const scan = newScan(null);
  scans.value = [scan, ...scans.value];
  enqueue(scan.id, picture);
}

export function retry({ id, file }: Scan): void {
  enqueue(id, file);
}

/** The person agreed that the whole file goes to the server, because only it can read it. */
export function sendWhole({ id, file }: Scan): void {
  if (file === null) return;
  follow(id, async () => {
    patch(id, { progress: { kind: 'thinking' } });
    return recogniseThere(file);
  });
}

/** The person's word on a scan: on its row where it is kept, else here only. */
export function wishOf({ id, chosen }: Scan): Wish | null {
  const row = rowById.value.get(id);
  return row === undefined ? chosen : row.correction;
}

export function choose(scan: Scan, label: string): void {
  const before = wishOf(scan)?.label ?? null;
  patch(scan.id, { chosen: { label, before, at: Date.now() } });
  spokenAbout.value = scan.id;
  void correct(scan.id, label);
}

export function takeBack(scan: Scan): void {
  const wish = wishOf(scan);
  if (wish === null || undoLeft(wish, Date.now()) === 0) return;
  const { before } = wish;
  patch(scan.id, { chosen: before === null ? null : { label: before, before: null, at: 0 } });
  spokenAbout.value = null;
  void undo(scan.id);
}

keepWhenAllowed(async () => {
  for (const { id } of scans.value) await keepScan(id);
});

export async function keepScan(id: string): Promise<void> {
  const scan = scans.value.find((candidate) => candidate.id === id);
  if (scan?.progress.kind !== 'answered' || rowById.value.has(id)) return;
  if (!(scan.copy instanceof ArrayBuffer)) return; // not yet, or never
  const kept = await keep(rowOf(scan, scan.progress.answer), scan.copy);
  patch(id, { unkept: !kept });
}

function rowOf({ id, at, chosen }: Scan, answer: Answer): Row {
  const { department, territory } = settings.value;
  return {
    ...{ id, task: 'waste', media: 'image/jpeg', captured_at: at, department, territory },
    said: saidOf(answer),
    correction: chosen,
    ...{ deleted: false, upload: 'pending', told: null, refused: null, server: null },
    owner: account.value.pseudonym,
  };
}

export function remove(id: string): void {
  scans.value = scans.value.filter((scan) => scan.id !== id);
}

export function clearScans(): void {
  scans.value = [];
}

function newScan(file: File | null): Scan {
  return {
    ...{ id: newId(), at: new Date().toISOString(), file, input: null },
    ...{ progress: { kind: 'waiting' }, chosen: null, copy: 'soon', unkept: false },
  };
}

function patch(id: string, part: Partial<Scan>): void {
  scans.value = scans.value.map((scan) => (scan.id === id ? { ...scan, ...part } : scan));
}

function inputOf(id: string): Input | null | undefined {
  return scans.value.find((scan) => scan.id === id)?.input;
}

/** Prepare and recognise, in turn; a picture prepared once is not prepared again. */
function enqueue(id: string, source: File | ImageBitmap | null): void {
  follow(id, async () => {
    patch(id, { progress: { kind: 'preparing' } });
    const known = inputOf(id) ?? null;
    const input = known ?? (source === null ? null : await prepare(source));
    if (input === null) throw new Error('a scan without a picture');
    if (known === null) patch(id, { copy: 'soon' });
    patch(id, { input, progress: { kind: 'thinking' } });
    return recognise(input);
  });
}

function follow(id: string, work: () => Promise<Answer>): void {
  patch(id, { progress: { kind: 'waiting' } });
  queue = queue.then(async () => {
    if (inputOf(id) === undefined) return; // removed while it waited
    try {
      patch(id, { progress: { kind: 'answered', answer: await work() } });
    } catch (error) {
      patch(id, { progress: { kind: 'failed', failure: failureOf(error) } });
    }
    await copyAndKeep(id);
  });
}

/** After the answer, so that it does not wait for this. */
async function copyAndKeep(id: string): Promise<void> {
  const scan = scans.value.find((candidate) => candidate.id === id);
  if (scan === undefined) return;
  if (scan.copy === 'soon') patch(id, { copy: scan.input && (await copyOf(scan.input)) });
  if (mayKeep.value) await keepScan(id);
}

const PROBLEMS: readonly Failure[] = ['too-large', 'unsupported-image', 'undecodable-image', 'throttled', 'busy'];

export function failureOf(error: unknown): Failure {
  if (error instanceof InferenceError && error.kind === 'undecodable') return 'undecodable';
  if (error instanceof OfflineError) return 'no-answer';
  if (error instanceof ProblemError) return PROBLEMS.find((known) => known === error.slug) ?? 'other';
  return 'other';
}
