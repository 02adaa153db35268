/** One sound of this visit: what it is, and how far its answer is. The verbs are in takes.ts. */
import { computed, signal } from '@preact/signals';
import { OfflineError, ProblemError } from '../api/client';
import { decodeFile, SoundError, type Sound, type SoundRefusal } from '../capture/sound';
import type { Wish } from '../store/rows';
import type { SoundAnswer, SoundTask } from './task';
import { ModelError } from './verify';

/** `no-model`: `modelOf(task).state` says why; `no-answer`: only the server could, and it is silent. */
export type TakeFailure =
  | SoundRefusal
  | 'not-sound'
  | 'no-model'
  | 'no-answer'
  | 'throttled'
  | 'busy'
  | 'other';

export type TakeProgress =
  | { readonly kind: 'waiting' | 'decoding' }
  /** Windows heard, of how many; of 0 while the model is still on its way. */
  | { readonly kind: 'listening'; readonly done: number; readonly total: number }
  | { readonly kind: 'answered'; readonly answer: SoundAnswer }
  | { readonly kind: 'failed'; readonly failure: TakeFailure };

export interface Take {
  /** Born here; it stays the capture's id wherever that goes. */
  readonly id: string;
  readonly at: string;
  readonly task: SoundTask;
  /** A recording has none. */
  readonly file: File | null;
  /** Null until decoded, and again for files when many were: see `soundOf`. */
  readonly sound: Sound | null;
  readonly progress: TakeProgress;
  /** The server's engines: not asked, being asked, asked (see the answer's engines), or why not. */
  readonly others: 'unasked' | 'asking' | 'asked' | TakeFailure;
  /** What the person says it is, while the outbox does not keep it. */
  readonly chosen: Wish | null;
  /** True once the person agreed that this very recording of a voice is sent. */
  readonly agreed: boolean;
  /** True where the browser had no room to keep it. */
  readonly unkept: boolean;
}

/** Decoded files held in memory; the others are decoded anew when looked at. */
const HELD = 2;

/** Newest first. */
export const takes = signal<readonly Take[]>([]);

export const runningTakes = computed(
  () => takes.value.filter(({ progress }) => !['answered', 'failed'].includes(progress.kind)).length,
);

export function takeOf(id: string): Take | undefined {
  return takes.value.find((take) => take.id === id);
}

export function patch(id: string, part: Partial<Take>): void {
  takes.value = takes.value.map((take) => (take.id === id ? { ...take, ...part } : take));
}

/** The waveform, decoded anew where it is not held any more. */
export async function soundOf({ id, file }: Take): Promise<Sound> {
  const held = takeOf(id)?.sound;
  if (held != null) return held;
  if (file === null) throw new SoundError('undecodable');
  const sound = await decodeFile(file);
  hold(id, sound);
  return sound;
}

function hold(id: string, sound: Sound): void {
  patch(id, { sound });
  const files = takes.value.filter((take) => take.file !== null && take.sound !== null && take.id !== id);
  for (const take of files.slice(HELD - 1)) patch(take.id, { sound: null });
}

const PROBLEMS = ['throttled', 'busy'] as const;

export function failureOf(error: unknown): TakeFailure {
  if (error instanceof SoundError) return error.kind;
  if (error instanceof ModelError) return 'no-model';
  if (error instanceof OfflineError) return 'no-answer';
  if (error instanceof ProblemError) return PROBLEMS.find((known) => known === error.slug) ?? 'other';
  return 'other';
}
