import { expect, test } from 'vitest';
import { KINDS, rungs, type Drawable } from './axes';
import { extremes, gridPixels, PALETTE } from './plots';
import { RATE, spectra } from './spectra';
import { csvOf, tableOf } from './table';

/** Two seconds: silence, then a tone of about 1 kHz at half of full scale. */
function tone(): Drawable {
  const samples = Float32Array.from({ length: 2 * RATE }, (_, i) =>
    i < RATE ? 0 : 0.5 * Math.sin((2 * Math.PI * 1000 * i) / RATE),
  );
  return { sound: { samples, rate: RATE }, spectra: spectra(samples) };
}

const drawable = tone();

test('a loud sample is not lost between two columns', () => {
  const samples = new Float32Array(1000);
  samples[501] = 0.9;
  samples[502] = -0.8;
  const { low, high } = extremes(samples, 0, 1000, 10);
  expect(high[5]).toBeCloseTo(0.9);
  expect(low[5]).toBeCloseTo(-0.8);
  expect(Math.max(...high.slice(0, 5), ...high.slice(6))).toBe(0);
});

test('more columns than samples repeat them', () => {
  const { high } = extremes(Float32Array.of(0.1, 0.2), 0, 2, 4);
  expect(Array.from(high, (value) => Number(value.toFixed(1)))).toEqual([0.1, 0.1, 0.2, 0.2]);
});

test('the palette only grows lighter', () => {
  const light = Array.from({ length: 256 }, (_, i) => {
    const [r, g, b] = PALETTE.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  expect(light.every((value, i) => i === 0 || value >= (light[i - 1] as number))).toBe(true);
});

test('silence is dark, and the tone bright in its row, the high on top', () => {
  const { stft } = drawable.spectra;
  const pixels = gridPixels('stft', stft);
  const red = (row: number, column: number): number => pixels[4 * ((stft.rows - 1 - row) * stft.columns + column)] as number;
  const bin = Math.round((1000 * 2048) / RATE);
  expect(red(bin, 10)).toBe(0);
  expect(red(bin, 65)).toBeGreaterThan(240);
  expect(red(900, 65)).toBeLessThan(60);
});

test('the table tells the tone to who cannot see it', () => {
  const [quiet, loud] = tableOf('wave', drawable);
  expect(quiet?.values).toEqual([0, -100]);
  expect(loud?.values[0]).toBeCloseTo(0.5, 3);
  expect(loud?.values[1]).toBeCloseTo(-9.03, 1); // a sine at half of full scale
  expect(tableOf('stft', drawable)[1]?.values[0]).toBeCloseTo(1000, -2);
  expect(Math.abs((tableOf('mel', drawable)[1]?.values[0] ?? 0) - 1000)).toBeLessThan(60);
  expect(tableOf('zcr', drawable)[1]?.values[0]).toBeCloseTo(2000 / RATE, 2);
  expect(tableOf('mfcc', drawable)[1]?.values).toHaveLength(5);
});

test.each(KINDS)('the CSV of %s has one line for each moment and one cell for each row', (kind) => {
  const [head, ...lines] = csvOf(kind, drawable);
  const width = (head as string).split(',').length;
  expect(lines.every((line) => line.endsWith('\n') && line.split(',').length === width)).toBe(true);
  const rows = kind === 'wave' ? 2 : drawable.spectra[kind].rows;
  expect(width).toBe(1 + rows);
  expect(lines).toHaveLength(kind === 'wave' ? 2000 : drawable.spectra[kind].columns);
});

test.each(KINDS)('the axis of %s stands beside its picture', (kind) => {
  const beside = rungs(kind, drawable, 200);
  expect(beside.length).toBeGreaterThan(1);
  expect(beside.every(({ share }) => share >= 0 && share <= 1)).toBe(true);
});
