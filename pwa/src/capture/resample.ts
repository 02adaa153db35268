/** A band-limited resampler, as soxr's HQ is: taggers hear the bands near half the rate. */

/** Mono, -1..1. */
export interface Sound {
  readonly samples: Float32Array<ArrayBuffer>;
  /** Hz. */
  readonly rate: number;
}

/** The middle of the slope, as a share of half the lower rate: 0.914 is kept, of 1 nothing is. */
const CUTOFF = 0.95685;
/** The window: its half length in input samples of the lower rate, and its shape (about 110 dB down). */
const HALF_LENGTH = 90;
const BETA = 11.05;

/** One filter for each of the `up` places an output may have between two inputs. */
interface Filter {
  readonly up: number;
  readonly down: number;
  readonly taps: number;
  /** Row after row, `taps` each. */
  readonly rows: Float32Array;
}

const filters = new Map<string, Filter>();

/** How many samples a sound has at another rate. */
export function resampledLength({ samples, rate }: Sound, to: number): number {
  return Math.round((samples.length * to) / rate);
}

/** The whole sound at another rate, within -1..1; at its own rate, the very samples it has. */
export function resample(sound: Sound, to: number): Float32Array<ArrayBuffer> {
  return stretch(sound, to, 0, resampledLength(sound, to));
}

/** Samples `start` to `start + count` of what `resample` would give, from what they are made of only. */
export function stretch(sound: Sound, to: number, start: number, count: number): Float32Array<ArrayBuffer> {
  const { samples, rate } = sound;
  if (rate === to) return samples.slice(start, start + count);
  const filter = filterFor(rate, to);
  const { up, down, taps } = filter;
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const position = (start + i) * down;
    const row = (position % up) * taps;
    const first = Math.floor(position / up) - taps / 2 + 1;
    const whole = first >= 0 && first + taps <= samples.length;
    const sum = whole ? inside(filter, row, samples, first) : atTheEdge(filter, row, samples, first);
    out[i] = Math.min(1, Math.max(-1, sum));
  }
  return out;
}

/** Row times samples. Four sums at once: the processor does not wait for one to end. */
function inside({ rows, taps }: Filter, row: number, samples: Float32Array, first: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let r = row, s = first; r < row + taps; r += 4, s += 4) {
    a += (rows[r] as number) * (samples[s] as number);
    b += (rows[r + 1] as number) * (samples[s + 1] as number);
    c += (rows[r + 2] as number) * (samples[s + 2] as number);
    d += (rows[r + 3] as number) * (samples[s + 3] as number);
  }
  return a + b + c + d;
}

/** The same where the sound begins or ends: beyond it there is silence. */
function atTheEdge({ rows, taps }: Filter, row: number, samples: Float32Array, first: number): number {
  let sum = 0;
  for (let k = Math.max(0, -first); k < Math.min(taps, samples.length - first); k++) {
    sum += (rows[row + k] as number) * (samples[first + k] as number);
  }
  return sum;
}

/** The least of a sound that `stretch` needs for some of its samples, and where they then start. */
export function around(sound: Sound, to: number, start: number, count: number): { sound: Sound; start: number } {
  const { samples, rate } = sound;
  if (rate === to) return { sound: { samples: samples.slice(start, start + count), rate }, start: 0 };
  const { up, down, taps } = filterFor(rate, to);
  const first = Math.floor((start * down) / up) - taps;
  // Whole steps of the filter, so that the same rows meet the same samples.
  const steps = Math.max(0, Math.floor(first / down));
  const end = Math.ceil(((start + count) * down) / up) + taps;
  return { sound: { samples: samples.slice(steps * down, end), rate }, start: start - steps * up };
}

function filterFor(from: number, to: number): Filter {
  const key = `${from} ${to}`;
  const known = filters.get(key);
  if (known !== undefined) return known;
  const made = design(from, to);
  filters.set(key, made);
  return made;
}

/** A sinc in a Kaiser window (Kaiser, 1974), one row for each fraction of an input sample. */
function design(from: number, to: number): Filter {
  const common = greatestCommon(from, to);
  const [up, down] = [to / common, from / common];
  const scale = Math.min(1, to / from);
  const cutoff = CUTOFF * scale;
  const half = 2 * Math.ceil(HALF_LENGTH / scale / 2); // even: `inside` goes by fours
  const taps = 2 * half;
  const rows = new Float32Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    for (let k = 0; k < taps; k++) {
      const x = k - half + 1 - phase / up;
      const edge = Math.max(0, 1 - (x / half) ** 2);
      rows[phase * taps + k] = (cutoff * sinc(cutoff * x) * bessel(BETA * Math.sqrt(edge))) / bessel(BETA);
    }
  }
  return { up, down, taps, rows };
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Modified Bessel function of the first kind, order 0, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1];
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommon(a: number, b: number): number {
  return b === 0 ? a : greatestCommon(b, a % b);
}
