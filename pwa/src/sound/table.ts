/** The same pictures as numbers: a short table to read, all of them as CSV. */
import type { Drawable, Kind } from './axes';
import { extremes } from './plots';
import { FRAME, MEL_EDGES, RATE, type Grid } from './spectra';

/** Moments in the short table. */
const MOMENTS = 10;
/** Coefficients in the short table. */
export const SHOWN_COEFFICIENTS = 5;
/** Of the waveform, the CSV has a lowest and a highest sample per millisecond. */
const STEPS_PER_S = 1000;

export interface Moment {
  readonly from_s: number;
  readonly to_s: number;
  /** What stands in the columns, by kind: see the headings of the table. */
  readonly values: readonly number[];
}

export function tableOf(kind: Kind, drawable: Drawable): Moment[] {
  const { seconds } = drawable.spectra;
  const n = Math.max(1, Math.min(MOMENTS, Math.floor(seconds)));
  return Array.from({ length: n }, (_, i) => {
    const [from_s, to_s] = [(i * seconds) / n, ((i + 1) * seconds) / n];
    return { from_s, to_s, values: valuesOf(kind, drawable, from_s, to_s) };
  });
}

function valuesOf(kind: Kind, { sound, spectra }: Drawable, from_s: number, to_s: number): number[] {
  if (kind === 'wave') return loudnessOf(sound.samples.subarray(from_s * sound.rate, to_s * sound.rate));
  const grid = spectra[kind];
  const [first, end] = [from_s, to_s].map((time) => Math.min(grid.columns, Math.round(time / spectra.hop_s))) as [number, number];
  const means = meansOf(grid, first, Math.max(first + 1, end));
  switch (kind) {
    case 'stft':
      return strongest(means, (row) => (row * RATE) / FRAME);
    case 'mel':
      return strongest(means, (row) => MEL_EDGES[row + 1] as number);
    case 'mfcc':
      return means.slice(0, SHOWN_COEFFICIENTS);
    case 'zcr':
      return [means[0] as number, Math.max(...grid.values.subarray(first, Math.max(first + 1, end)))];
  }
}

/** Peak, 0..1, and the level of its power in dB under full scale. */
function loudnessOf(samples: Float32Array): number[] {
  let [peak, power] = [0, 0];
  for (const sample of samples) {
    peak = Math.max(peak, Math.abs(sample));
    power += sample * sample;
  }
  return [peak, 10 * Math.log10(Math.max(1e-10, power / Math.max(1, samples.length)))];
}

function strongest(means: readonly number[], hertzOf: (row: number) => number): number[] {
  const most = Math.max(...means);
  return [hertzOf(means.indexOf(most)), -most];
}

function meansOf({ rows, columns, values }: Grid, first: number, end: number): number[] {
  return Array.from({ length: rows }, (_, row) => {
    const part = values.subarray(row * columns + first, row * columns + end);
    return part.reduce((sum, value) => sum + value, 0) / Math.max(1, part.length);
  });
}

/** A line for each moment, in pieces: one string would not hold them all. */
export function csvOf(kind: Kind, { sound, spectra }: Drawable): string[] {
  if (kind === 'wave') {
    const steps = Math.max(1, Math.floor((sound.samples.length / sound.rate) * STEPS_PER_S));
    const { low, high } = extremes(sound.samples, 0, sound.samples.length, steps);
    const line = (i: number): string =>
      `${(i / STEPS_PER_S).toFixed(3)},${(low[i] as number).toFixed(5)},${(high[i] as number).toFixed(5)}\n`;
    return ['time_s,lowest,highest\n', ...Array.from({ length: steps }, (_, i) => line(i))];
  }
  const { rows, columns, values } = spectra[kind];
  const digits = kind === 'zcr' ? 5 : 2;
  const names = Array.from({ length: rows }, (_, row) => nameOf(kind, row));
  return [
    `time_s,${names.join(',')}\n`,
    ...Array.from({ length: columns }, (_, column) => {
      const cells = Array.from({ length: rows }, (_, row) => (values[row * columns + column] as number).toFixed(digits));
      return `${(column * spectra.hop_s).toFixed(4)},${cells.join(',')}\n`;
    }),
  ];
}

function nameOf(kind: Exclude<Kind, 'wave'>, row: number): string {
  switch (kind) {
    case 'stft':
      return `${((row * RATE) / FRAME).toFixed(1)} Hz`;
    case 'mel':
      return `${(MEL_EDGES[row + 1] as number).toFixed(1)} Hz`;
    case 'mfcc':
      return `mfcc ${row}`;
    case 'zcr':
      return 'zero_crossing_rate';
  }
}
