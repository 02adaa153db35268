/** What stands around a picture: where, in which units, and the numbers beside it. */
import type { Sound } from '../capture/resample';
import { COEFFICIENTS, MEL_EDGES, MELS, RATE, type Grid, type Spectra } from './spectra';
import { ticks, type View } from './view';

export const KINDS = ['wave', 'mel', 'stft', 'mfcc', 'zcr'] as const;
export type Kind = (typeof KINDS)[number];

/** All that a picture is made of. */
export interface Drawable {
  readonly sound: Sound;
  readonly spectra: Spectra;
}

export interface Style {
  readonly ink: string;
  readonly line: string;
  readonly font: string;
  /** A number as the reader writes it. */
  readonly number: (value: number) => string;
  readonly xName: string;
  readonly yName: string;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** In CSS pixels, around the picture: for the axes. */
export const MARGIN = { left: 52, right: 10, top: 8, bottom: 38 } as const;

const reaches = new WeakMap<Float32Array, number>();

/** Of the axis: a little over the loudest sample. */
export function amplitude(samples: Float32Array): number {
  const known = reaches.get(samples);
  if (known !== undefined) return known;
  let peak = 0.01;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  reaches.set(samples, peak * 1.05);
  return peak * 1.05;
}

/** Of the axis: a little over the highest share. */
export function highest({ values }: Grid): number {
  return Math.max(0.02, ...values) * 1.05;
}

export function xOf(time_s: number, { from_s, to_s }: View, { left, width }: Box): number {
  return left + ((time_s - from_s) / (to_s - from_s)) * width;
}

export function drawAxes(context: CanvasRenderingContext2D, kind: Kind, drawable: Drawable, view: View, box: Box, style: Style): void {
  const { left, top, width, height } = box;
  context.strokeStyle = style.line;
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  context.fillStyle = style.ink;
  context.font = style.font;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const time of ticks(view.from_s, view.to_s, Math.max(2, width / 70))) {
    const x = xOf(time, view, box);
    context.fillRect(x - 0.5, top + height, 1, 4);
    context.fillText(style.number(time), x, top + height + 6);
  }
  context.textAlign = 'right';
  context.fillText(style.xName, left + width, top + height + 22);
  context.textAlign = 'left';
  context.fillText(style.yName, 2, top + height + 22);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const { value, share } of rungs(kind, drawable, height)) {
    const y = top + height * (1 - share);
    context.fillRect(left - 4, y - 0.5, 4, 1);
    context.fillText(style.number(value), left - 7, Math.min(top + height - 5, Math.max(top + 6, y)));
  }
}

/** The numbers beside a picture, and where they stand: 0 at the foot, 1 at the top. */
export function rungs(kind: Kind, { sound, spectra }: Drawable, height: number): { value: number; share: number }[] {
  const count = Math.max(2, height / 45);
  switch (kind) {
    case 'wave': {
      const reach = amplitude(sound.samples);
      return ticks(-reach, reach, count).map((value) => ({ value, share: (value / reach + 1) / 2 }));
    }
    case 'zcr': {
      const most = highest(spectra.zcr);
      return ticks(0, most, count).map((value) => ({ value, share: value / most }));
    }
    case 'stft':
      return ticks(0, RATE / 2, count).map((value) => ({ value, share: value / (RATE / 2) }));
    case 'mel':
      return [250, 500, 1000, 2000, 4000, 8000].map((value) => ({ value, share: bandOf(value) / MELS }));
    case 'mfcc':
      return ticks(0, COEFFICIENTS - 1, count).map((value) => ({ value, share: (value + 0.5) / COEFFICIENTS }));
  }
}

/** The row of the mel grid in whose middle a frequency stands. */
function bandOf(hz: number): number {
  const above = MEL_EDGES.findIndex((edge) => edge >= hz);
  const [low, high] = [MEL_EDGES[above - 1] ?? 0, MEL_EDGES[above] ?? hz];
  return above - 1 + (hz - low) / (high - low) - 0.5;
}
