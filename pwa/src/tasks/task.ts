/** Card, Answer, TaskName: the shapes that card.json and every recogniser share. */

export type TaskName = 'waste';

export interface Ranked {
  readonly label: string;
  readonly score: number;
}

export interface Recall {
  readonly n: number;
  readonly recall: number;
  readonly interval: readonly [number, number];
}

/** card.json, as the trainer wrote it. */
export interface Card {
  readonly format: 1;
  readonly task: string;
  readonly engine: string;
  readonly version: string;
  readonly runtime: string;
  readonly file: string;
  readonly sha256: string;
  readonly size_bytes: number;
  readonly input: {
    readonly kind: 'image';
    readonly shape: readonly [number, number, number, number];
    readonly dtype: 'uint8';
    readonly range: readonly [number, number];
    readonly crop: number;
  };
  readonly output: {
    readonly labels: readonly string[];
    readonly aggregate: 'mean';
    readonly threshold: number;
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
    readonly input: 'ramp';
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

/** The decision, twin of ml/predict.py: three best, and a label only from the threshold on. */
export function decide(
  probabilities: ArrayLike<number>,
  output: Card['output'],
  from: Omit<Answered, 'top'>,
): Answer {
  const ranked = output.labels
    .map((label, i) => ({ label, score: probabilities[i] ?? 0 }))
    .sort((a, b) => b.score - a.score);
  const top = ranked.slice(0, 3);
  const best = top[0];
  return best !== undefined && best.score >= output.threshold
    ? { kind: 'label', ...best, top, ...from }
    : { kind: 'unsure', top, ...from };
}
