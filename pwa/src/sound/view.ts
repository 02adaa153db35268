/** Which stretch of a sound is looked at: enlarged, moved, never beyond its ends. */

export interface View {
  readonly from_s: number;
  readonly to_s: number;
}

/** Closer than this there is nothing more to see. */
const CLOSEST_S = 0.05;

export function whole(seconds: number): View {
  return { from_s: 0, to_s: seconds };
}

/** Enlarged by `factor` (under 1: reduced) around the moment at `share` of the view. */
export function zoomed({ from_s, to_s }: View, factor: number, share: number, seconds: number): View {
  const before = to_s - from_s;
  const after = Math.min(seconds, Math.max(Math.min(CLOSEST_S, seconds), before / factor));
  return inside(from_s + share * (before - after), after, seconds);
}

/** Moved by a share of what is seen, to the right where it is positive. */
export function moved({ from_s, to_s }: View, share: number, seconds: number): View {
  const length = to_s - from_s;
  return inside(from_s + share * length, length, seconds);
}

export function isWhole({ from_s, to_s }: View, seconds: number): boolean {
  return from_s <= 0 && to_s >= seconds;
}

function inside(from: number, length: number, seconds: number): View {
  const from_s = Math.min(Math.max(0, from), seconds - length);
  return { from_s, to_s: from_s + length };
}

/** Round numbers from `from` to `to`, about `count` of them. */
export function ticks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((nice) => nice * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
