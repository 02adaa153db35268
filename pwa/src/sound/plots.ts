/** Five pictures of a sound, drawn on a canvas: on the screen, and to be taken along. */
import type { Sound } from '../capture/resample';
import { amplitude, drawAxes, highest, MARGIN, xOf, type Box, type Drawable, type Kind, type Style } from './axes';
import type { Grid, Spectra } from './spectra';
import type { View } from './view';

/** Dark to light with rising lightness, so that it also reads in grey (magma, by S. van der Walt and N. Smith). */
const STOPS = ['000004', '1c1044', '4f127b', '812581', 'b5367a', 'e55964', 'fb8761', 'fec287', 'fcfdbf'];

/** 256 colours, three bytes each. */
export const PALETTE = Uint8Array.from({ length: 256 * 3 }, (_, i) => {
  const place = (Math.floor(i / 3) / 255) * (STOPS.length - 1);
  const stop = Math.min(STOPS.length - 2, Math.floor(place));
  const [low, high] = [stop, stop + 1].map((at) => parseInt((STOPS[at] as string).slice((i % 3) * 2, (i % 3) * 2 + 2), 16));
  return Math.round((low as number) + (place - stop) * ((high as number) - (low as number)));
});

/** The lowest and the highest sample of each of so many equal stretches. */
export function extremes(
  samples: Float32Array,
  from: number,
  to: number,
  columns: number,
): { low: Float32Array; high: Float32Array } {
  const [low, high] = [new Float32Array(columns), new Float32Array(columns)];
  const step = (to - from) / columns;
  for (let column = 0; column < columns; column++) {
    const first = Math.max(0, Math.floor(from + column * step));
    const end = Math.min(samples.length, Math.max(first + 1, Math.floor(from + (column + 1) * step)));
    let [least, most] = [samples[first] ?? 0, samples[first] ?? 0];
    for (let i = first + 1; i < end; i++) {
      const sample = samples[i] as number;
      if (sample < least) least = sample;
      if (sample > most) most = sample;
    }
    low[column] = least;
    high[column] = most;
  }
  return { low, high };
}

/** Where a row's colours begin and how far they reach: dB over their 80, coefficients over their own. */
function shades(kind: 'mel' | 'stft' | 'mfcc', { rows, columns, values }: Grid): (row: number) => [low: number, reach: number] {
  if (kind !== 'mfcc') return () => [-80, 80];
  const reaches = Array.from({ length: rows }, (_, row): [number, number] => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values.subarray(row * columns, (row + 1) * columns)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, Math.max(1e-9, high - low)];
  });
  return (row) => reaches[row] as [number, number];
}

/** A grid as RGBA, the highest row on top. */
export function gridPixels(kind: 'mel' | 'stft' | 'mfcc', grid: Grid): Uint8ClampedArray<ArrayBuffer> {
  const { columns } = grid;
  const pixels = new Uint8ClampedArray(4 * columns * grid.rows);
  const reach = shades(kind, grid);
  for (let row = 0; row < grid.rows; row++) {
    const [low, range] = reach(row);
    let at = 4 * columns * (grid.rows - 1 - row);
    for (let column = 0; column < columns; column++) {
      const value = grid.values[row * columns + column] as number;
      const colour = 3 * Math.max(0, Math.min(255, Math.round((255 * (value - low)) / range)));
      pixels[at] = PALETTE[colour] as number;
      pixels[at + 1] = PALETTE[colour + 1] as number;
      pixels[at + 2] = PALETTE[colour + 2] as number;
      pixels[at + 3] = 255;
      at += 4;
    }
  }
  return pixels;
}

/** Draw one of the pictures with its axes into a canvas of this size in CSS pixels. */
export function drawPlot(
  context: CanvasRenderingContext2D,
  kind: Kind,
  { sound, spectra }: Drawable,
  view: View,
  size: { readonly width: number; readonly height: number },
  style: Style,
): void {
  const box = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: size.width - MARGIN.left - MARGIN.right,
    height: size.height - MARGIN.top - MARGIN.bottom,
  };
  context.clearRect(0, 0, size.width, size.height);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
  if (kind === 'wave') drawWave(context, sound, view, box, style);
  else if (kind === 'zcr') drawLine(context, spectra, view, box, style);
  else drawGrid(context, kind, spectra, view, box);
  context.restore();
  drawAxes(context, kind, { sound, spectra }, view, box, style);
}

function drawWave(context: CanvasRenderingContext2D, { samples, rate }: Sound, view: View, box: Box, { ink }: Style): void {
  const columns = Math.max(1, Math.round(box.width * 2));
  const { low, high } = extremes(samples, view.from_s * rate, view.to_s * rate, columns);
  const reach = amplitude(samples);
  const y = (sample: number): number => box.top + (box.height / 2) * (1 - sample / reach);
  context.fillStyle = ink;
  for (let column = 0; column < columns; column++) {
    const top = y(high[column] as number);
    context.fillRect(box.left + column / 2, top - 0.5, 0.6, Math.max(1, y(low[column] as number) - top + 1));
  }
}

function drawLine(context: CanvasRenderingContext2D, { zcr, hop_s }: Spectra, view: View, box: Box, { ink }: Style): void {
  const most = highest(zcr);
  const [first, end] = columnsIn(zcr, hop_s, view);
  context.strokeStyle = ink;
  context.lineWidth = 1.6;
  context.lineJoin = 'round';
  context.beginPath();
  for (let column = first; column < end; column++) {
    const x = xOf(column * hop_s, view, box);
    context.lineTo(x, box.top + box.height * (1 - (zcr.values[column] as number) / most));
  }
  context.stroke();
}

const painted = new WeakMap<Grid, OffscreenCanvas>();

/** Painted once, however often it is looked at. */
function pictureOf(kind: 'mel' | 'stft' | 'mfcc', grid: Grid): OffscreenCanvas {
  const known = painted.get(grid);
  if (known !== undefined) return known;
  const picture = new OffscreenCanvas(grid.columns, grid.rows);
  picture.getContext('2d')?.putImageData(new ImageData(gridPixels(kind, grid), grid.columns), 0, 0);
  painted.set(grid, picture);
  return picture;
}

function drawGrid(
  context: CanvasRenderingContext2D,
  kind: 'mel' | 'stft' | 'mfcc',
  spectra: Spectra,
  { from_s, to_s }: View,
  { left, top, width, height }: Box,
): void {
  const grid = spectra[kind];
  const { hop_s } = spectra;
  context.imageSmoothingEnabled = kind !== 'mfcc';
  context.imageSmoothingQuality = 'high';
  // A column stands around its moment: half of it before.
  const first = from_s / hop_s + 0.5;
  context.drawImage(pictureOf(kind, grid), first, 0, (to_s - from_s) / hop_s, grid.rows, left, top, width, height);
}

function columnsIn({ columns }: Grid, hop_s: number, { from_s, to_s }: View): [first: number, end: number] {
  const first = Math.max(0, Math.floor(from_s / hop_s) - 1);
  return [Math.min(first, columns - 1), Math.min(columns, Math.ceil(to_s / hop_s) + 2)];
}

