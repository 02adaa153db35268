/** The photos of this visit and their answers, one after the other. Nothing here is kept. */
import { computed, signal } from '@preact/signals';
import { OfflineError, ProblemError } from '../api/client';
import { mayBePhoto } from '../capture/camera';
import { InferenceError } from '../infer/bridge';
import { prepare, recognise, recogniseThere, type Input } from './recognise';
import type { Answer } from './task';

export type Failure = 'undecodable' | 'not-image' | 'no-answer' | 'too-large' | 'unsupported-image'
  | 'undecodable-image' | 'throttled' | 'busy' | 'other';

export type Progress =
  | { readonly kind: 'waiting' | 'preparing' | 'thinking' }
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface Scan {
  readonly id: number;
  /** The file of an imported photo; a camera picture has none. */
  readonly file: File | null;
  readonly input: Input | null;
  readonly progress: Progress;
  /** What the person says it is: a choice among three, or a correction. On this device only. */
  readonly chosen: string | null;
}

/** Newest first. */
export const scans = signal<readonly Scan[]>([]);

export const running = computed(
  () => scans.value.filter(({ progress }) => !['answered', 'failed'].includes(progress.kind)).length,
);

let lastId = 0;
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
    return recogniseThere('waste', file);
  });
}

export function choose(id: number, label: string | null): void {
  patch(id, { chosen: label });
}

export function remove(id: number): void {
  scans.value = scans.value.filter((scan) => scan.id !== id);
}

export function clearScans(): void {
  scans.value = [];
}

function newScan(file: File | null): Scan {
  return { id: ++lastId, file, input: null, progress: { kind: 'waiting' }, chosen: null };
}

function patch(id: number, part: Partial<Scan>): void {
  scans.value = scans.value.map((scan) => (scan.id === id ? { ...scan, ...part } : scan));
}

function inputOf(id: number): Input | null | undefined {
  return scans.value.find((scan) => scan.id === id)?.input;
}

/** Prepare and recognise, in turn; a picture prepared once is not prepared again. */
function enqueue(id: number, source: File | ImageBitmap | null): void {
  follow(id, async () => {
    patch(id, { progress: { kind: 'preparing' } });
    const input = inputOf(id) ?? (source === null ? null : await prepare(source));
    if (input === null) throw new Error('a scan without a picture');
    patch(id, { input, progress: { kind: 'thinking' } });
    return recognise('waste', input);
  });
}

function follow(id: number, work: () => Promise<Answer>): void {
  patch(id, { progress: { kind: 'waiting' } });
  queue = queue.then(async () => {
    if (inputOf(id) === undefined) return; // removed while it waited
    try {
      patch(id, { progress: { kind: 'answered', answer: await work() } });
    } catch (error) {
      patch(id, { progress: { kind: 'failed', failure: failureOf(error) } });
    }
  });
}

const PROBLEMS: readonly Failure[] = ['too-large', 'unsupported-image', 'undecodable-image', 'throttled', 'busy'];

export function failureOf(error: unknown): Failure {
  if (error instanceof InferenceError && error.kind === 'undecodable') return 'undecodable';
  if (error instanceof OfflineError) return 'no-answer';
  if (error instanceof ProblemError) return PROBLEMS.find((known) => known === error.slug) ?? 'other';
  return 'other';
}
