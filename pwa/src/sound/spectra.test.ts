import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FRAME, hertz, MEL_EDGES, RATE, spectra, type Grid } from './spectra';

interface Golden {
  readonly columns: readonly number[];
  readonly step: number;
  readonly n_columns: number;
  readonly stft: readonly (readonly number[])[];
  readonly mel: readonly (readonly number[])[];
  readonly mfcc: readonly (readonly number[])[];
  readonly zcr: readonly (readonly number[])[];
}

const file = new URL('../../../tests/golden/spectra/expected.json', import.meta.url);
const golden = JSON.parse(readFileSync(file, 'utf8')) as Golden;

/** The sound of tests/golden/spectra/make.py. */
function made(): Float32Array {
  return Float32Array.from({ length: (RATE * 3) / 2 }, (_, i) =>
    i < RATE ? (((Math.floor((i * i) / 128) % 4096) - 2048) * (i % 1024)) / 2 ** 23 : 0,
  );
}

/** The largest difference from librosa, of the rows and columns that were written down. */
function gap({ columns, values }: Grid, expected: readonly (readonly number[])[], step = 1): number {
  let most = 0;
  expected.forEach((row, i) =>
    row.forEach((value, j) => {
      const column = golden.columns[j] as number;
      most = Math.max(most, Math.abs((values[i * step * columns + column] as number) - value));
    }),
  );
  return most;
}

const drawn = spectra(made());

test('there are as many columns as in librosa', () => {
  expect([drawn.stft, drawn.mel, drawn.mfcc, drawn.zcr].map(({ columns }) => columns)).toEqual(
    Array(4).fill(golden.n_columns),
  );
});

// librosa computes in single precision, this in double: quiet bins differ most.
test('STFT and mel agree with librosa within 0.01 dB', () => {
  expect(gap(drawn.stft, golden.stft, golden.step)).toBeLessThan(0.01);
  expect(gap(drawn.mel, golden.mel)).toBeLessThan(0.01);
});

test('MFCC agree with librosa within 0.01', () => {
  expect(gap(drawn.mfcc, golden.mfcc)).toBeLessThan(0.01);
});

test('zero crossings are the very ones', () => {
  const counts = (shares: ArrayLike<number>): number[] => Array.from(shares, (share) => Math.round(share * FRAME));
  expect(counts(drawn.zcr.values)).toEqual(counts(golden.zcr[0] ?? []));
});

test('a tone stands in its row', () => {
  const hz = (100 * RATE) / FRAME;
  const tone = Float32Array.from({ length: RATE }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / RATE));
  const { stft, hop_s, seconds } = spectra(tone);
  const middle = Math.floor(stft.columns / 2);
  const column = Array.from({ length: stft.rows }, (_, row) => stft.values[row * stft.columns + middle] as number);
  expect(column.indexOf(Math.max(...column))).toBe(100);
  expect(seconds).toBe(1);
  expect(hop_s).toBeCloseTo(512 / RATE);
});

test('silence is flat, and finite', () => {
  const { stft, mel, mfcc, zcr } = spectra(new Float32Array(RATE));
  for (const { values } of [stft, mel, mfcc, zcr]) expect(values.every(Number.isFinite)).toBe(true);
  expect(Math.max(...zcr.values)).toBe(0);
});

test('ten minutes have no more columns than two minutes', () => {
  expect(spectra(new Float32Array(600 * RATE)).zcr.columns).toBeLessThanOrEqual(2601);
});

test('the mel scale is even below 1000 Hz and ends at half the rate', () => {
  expect(hertz(15)).toBe(1000);
  expect(MEL_EDGES.at(-1)).toBeCloseTo(RATE / 2, 6);
});
