/** Card, Answer, TaskName: the shapes that card.json and every recogniser share. */
import type { SoundSpec } from '../capture/sound';
import type { Said } from '../store/rows';

export type TaskName = 'waste' | 'genre' | 'emotion';
export type SoundTask = Exclude<TaskName, 'waste'>;

/** The ten genres, in the order of the model's labels. */
export const GENRES = [
  'blues',
  'classical',
  'country',
  'disco',
  'hiphop',
  'jazz',
  'metal',
  'pop',
  'reggae',
  'rock',
] as const;

/** The seven emotions, in the order of the model's labels. */
export const EMOTIONS = ['anger', 'disgust', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'] as const;

export interface Ranked {
  readonly label: string;
  readonly score: number;
}

export interface Recall {
  readonly n: number;
  readonly recall: number;
  readonly interval: readonly [number, number];
}

/** A square photo; `crop` is the share of the shorter side that is looked at. */
export interface ImageSpec {
  readonly kind: 'image';
  readonly shape: readonly [number, number, number, number];
  readonly dtype: 'uint8';
  readonly range: readonly [number, number];
  readonly crop: number;
}

export type InputSpec = ImageSpec | SoundSpec;

/** card.json, as the trainer wrote it. */
export interface Card<Input extends InputSpec = InputSpec> {
  readonly format: 1;
  readonly task: string;
  readonly engine: string;
  readonly version: string;
  readonly runtime: string;
  readonly file: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly input: Input;
  readonly output: {
    readonly labels: readonly string[];
    readonly aggregate: 'mean';
    readonly threshold: number;
    /** Under this mean of the second output, what the task is about is not there; absent is 0. */
    readonly presence?: number;
  };
  readonly training: { readonly date: string; readonly seed: number; readonly snapshot: string };
  readonly metrics: {
    readonly n: number;
    readonly accuracy: number;
    readonly accuracy_interval: readonly [number, number];
    readonly macro_f1: number;
    readonly recall: Readonly<Record<string, Recall>>;
    readonly ece: number;
    readonly coverage: number;
    readonly accepted_accuracy: number;
    readonly confusions: readonly { truth: string; predicted: string; n: number }[];
  };
  readonly data: readonly { source: string; licence: string; n: number }[];
  readonly licence: string;
  readonly limits: { readonly fr: readonly string[]; readonly en: readonly string[] };
  readonly selftest: {
    readonly input: 'ramp' | 'sweep';
    readonly output: readonly number[];
    readonly tolerance: number;
  };
}

export type Origin = 'device' | 'server';

interface Answered {
  readonly top: readonly Ranked[];
  readonly origin: Origin;
  readonly version: string;
  /** Of the model file, where it answered on this device. */
  readonly sha256: string | null;
  readonly latency_ms: number | null;
}

/** What a recogniser says: one label, or that it does not know. */
export type Answer =
  | (Answered & { readonly kind: 'label'; readonly label: string; readonly score: number })
  | (Answered & { readonly kind: 'unsure' });

/** The best labels of one stretch of a sound. */
export interface Stretch {
  readonly start_s: number;
  readonly end_s: number;
  readonly top: readonly Ranked[];
}

/** One engine's word on a sound; one that fails does not hide the others. */
export type Opinion =
  | {
      readonly kind: 'said';
      readonly engine: string;
      readonly answer: Answer;
      readonly windows: readonly Stretch[];
    }
  | { readonly kind: 'failed'; readonly engine: string; readonly problem: string };

/** What the shown engine says, window by window, and every engine's opinion: the shown one first. */
export type SoundAnswer = Answer & {
  readonly windows: readonly Stretch[];
  readonly engines: readonly Opinion[];
};

/** The three likeliest labels, best first; the earlier label wins a tie. */
export function rank(scores: ArrayLike<number>, labels: readonly string[]): readonly Ranked[] {
  return labels
    .map((label, i) => ({ label, score: scores[i] ?? 0 }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 3);
}

/** The decision, twin of ml/predict.py: three best, and a label only from the threshold on. */
export function decide(
  probabilities: ArrayLike<number>,
  output: Card['output'],
  from: Omit<Answered, 'top'>,
): Answer {
  const top = rank(probabilities, output.labels);
  const best = top[0];
  return best !== undefined && best.score >= output.threshold
    ? { kind: 'label', ...best, top, ...from }
    : { kind: 'unsure', top, ...from };
}

/** What is kept of an answer. */
export function saidOf(answer: Answer): Said {
  const { origin, version, sha256, top, latency_ms } = answer;
  const best = answer.kind === 'label' ? answer : { label: null, score: top[0]?.score ?? 0 };
  return { origin, version, sha256, label: best.label, score: best.score, top, latency_ms };
}
