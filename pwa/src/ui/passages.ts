/** The windows of an answer as passages side by side: windows overlap, what is shown does not. */
import type { Stretch } from '../tasks/task';

export interface Passage {
  readonly from_s: number;
  readonly to_s: number;
  readonly label: string;
  readonly score: number;
  /** A for the label heard longest, then B, …: told apart without colours. */
  readonly letter: string;
  /** True where the label is not that of the passage before. */
  readonly first: boolean;
}

/** Each window lasts until the next one begins, the last until the end. */
export function passagesOf(windows: readonly Stretch[], seconds: number): Passage[] {
  const parts = windows.flatMap(({ start_s, end_s, top }, i) => {
    const best = top[0];
    const to_s = windows[i + 1]?.start_s ?? Math.min(seconds, end_s);
    return best === undefined ? [] : [{ from_s: start_s, to_s, label: best.label, score: best.score }];
  });
  const lasted = new Map<string, number>();
  for (const { label, from_s, to_s } of parts) lasted.set(label, (lasted.get(label) ?? 0) + to_s - from_s);
  const order = [...lasted.keys()].sort((a, b) => (lasted.get(b) ?? 0) - (lasted.get(a) ?? 0));
  return parts.map((part, i) => ({
    ...part,
    letter: String.fromCharCode(65 + order.indexOf(part.label)),
    first: parts[i - 1]?.label !== part.label,
  }));
}
