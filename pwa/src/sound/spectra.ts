/** What a sound is made of: STFT, mel, MFCC and zero crossings, with the numbers that librosa gives. */
import FFT from 'fft.js';

/** librosa's own settings, so that a picture here is the picture of a textbook. */
export const RATE = 22_050;
export const FRAME = 2048;
export const HOP = 512;
export const MELS = 128;
export const COEFFICIENTS = 20;

const BINS = FRAME / 2 + 1;
/** dB under the loudest that are kept; power under FLOOR is counted as FLOOR. */
const RANGE_DB = 80;
const FLOOR = 1e-10;
/** About a minute; the frames of a longer sound stand further apart. */
const MAX_FRAMES = 2600;

/** A value for each row at each time; row after row, row 0 is the lowest. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array<ArrayBuffer>;
}

export interface Spectra {
  readonly seconds: number;
  /** Between two columns. */
  readonly hop_s: number;
  /** dB under the loudest, -80..0, BINS rows: 0 Hz to half the rate. */
  readonly stft: Grid;
  /** dB under the loudest, -80..0, MELS rows. */
  readonly mel: Grid;
  /** COEFFICIENTS rows, no unit. */
  readonly mfcc: Grid;
  /** One row: the share of samples whose sign is not that of the one before, 0..1. */
  readonly zcr: Grid;
}

/** What the worker answers. */
export type Drawn =
  | { readonly ok: true; readonly spectra: Spectra }
  | { readonly ok: false; readonly detail: string };

/** All of them, of a mono waveform at RATE. Frames are centred; beyond both ends there is silence. */
export function spectra(waveform: Float32Array): Spectra {
  const hop = HOP * Math.max(1, Math.ceil(waveform.length / HOP / MAX_FRAMES));
  const power = powers(waveform, hop);
  const mel = melPowers(power);
  return {
    seconds: waveform.length / RATE,
    hop_s: hop / RATE,
    stft: decibels(power, loudest(power)),
    mel: decibels(mel, loudest(mel)),
    mfcc: cepstrum(decibels(mel, 1)),
    zcr: crossings(waveform, hop),
  };
}

/** |STFT|², hann window, BINS rows. */
function powers(waveform: Float32Array, hop: number): Grid {
  const columns = 1 + Math.floor(waveform.length / hop);
  const values = new Float32Array(BINS * columns);
  const fft = new FFT(FRAME);
  const frame = new Float64Array(FRAME);
  const bins = fft.createComplexArray();
  const window = Float64Array.from({ length: FRAME }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME));
  for (let column = 0; column < columns; column++) {
    const start = column * hop - FRAME / 2;
    for (let i = 0; i < FRAME; i++) frame[i] = (window[i] as number) * (waveform[start + i] ?? 0);
    fft.realTransform(bins, frame);
    for (let bin = 0; bin < BINS; bin++) {
      const [re, im] = [bins[2 * bin] as number, bins[2 * bin + 1] as number];
      values[bin * columns + column] = re * re + im * im;
    }
  }
  return { rows: BINS, columns, values };
}

function loudest({ values }: Grid): number {
  let most = 0;
  for (const value of values) if (value > most) most = value;
  return most;
}

/** 10 log10 of a power over `reference`, and at most RANGE_DB under the loudest. */
function decibels({ rows, columns, values }: Grid, reference: number): Grid {
  const zero = Math.log10(Math.max(FLOOR, reference));
  const db = values.map((value) => 10 * (Math.log10(Math.max(FLOOR, value)) - zero));
  const least = 10 * (Math.log10(Math.max(FLOOR, loudest({ rows, columns, values }))) - zero) - RANGE_DB;
  return { rows, columns, values: db.map((value) => Math.max(least, value)) };
}

/** Hz of a step on Slaney's scale: even up to 1000 Hz, then by ratios. */
export function hertz(mel: number): number {
  return mel < 15 ? (mel * 200) / 3 : 1000 * Math.exp((Math.log(6.4) / 27) * (mel - 15));
}

function melOf(hz: number): number {
  return hz < 1000 ? (hz * 3) / 200 : 15 + (27 / Math.log(6.4)) * Math.log(hz / 1000);
}

/** The middle of each band, in Hz, with the ends of the first and the last around them. */
export const MEL_EDGES: readonly number[] = Array.from({ length: MELS + 2 }, (_, i) =>
  hertz((melOf(RATE / 2) * i) / (MELS + 1)),
);

/** Triangles of equal area over the bins (Slaney, 1998). */
function melPowers({ columns, values }: Grid): Grid {
  const out = new Float32Array(MELS * columns);
  for (let band = 0; band < MELS; band++) {
    const [low, middle, high] = MEL_EDGES.slice(band, band + 3) as [number, number, number];
    const row = out.subarray(band * columns, (band + 1) * columns);
    for (let bin = 0; bin < BINS; bin++) {
      const hz = (bin * RATE) / FRAME;
      const weight = Math.min((hz - low) / (middle - low), (high - hz) / (high - middle));
      if (weight <= 0) continue;
      const scaled = (2 * weight) / (high - low);
      for (let column = 0; column < columns; column++) {
        row[column] = (row[column] as number) + scaled * (values[bin * columns + column] as number);
      }
    }
  }
  return { rows: MELS, columns, values: out };
}

/** The cosine transform of a log-mel column: its envelope in few numbers. */
function cepstrum({ columns, values }: Grid): Grid {
  const out = new Float32Array(COEFFICIENTS * columns);
  for (let k = 0; k < COEFFICIENTS; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / MELS);
    for (let band = 0; band < MELS; band++) {
      const weight = scale * Math.cos((Math.PI * k * (2 * band + 1)) / (2 * MELS));
      for (let column = 0; column < columns; column++) {
        const at = k * columns + column;
        out[at] = (out[at] as number) + weight * (values[band * columns + column] as number);
      }
    }
  }
  return { rows: COEFFICIENTS, columns, values: out };
}

/** Beyond both ends the first and the last sample go on, as in librosa: nothing crosses there. */
function crossings(waveform: Float32Array, hop: number): Grid {
  const last = waveform.length - 1;
  const upTo = new Uint32Array(waveform.length);
  for (let i = 1; i <= last; i++) {
    const crosses = isBelow(waveform[i] as number) !== isBelow(waveform[i - 1] as number);
    upTo[i] = (upTo[i - 1] as number) + Number(crosses);
  }
  const until = (at: number): number => upTo[Math.min(last, Math.max(0, at))] as number;
  const columns = 1 + Math.floor(waveform.length / hop);
  const values = Float32Array.from({ length: columns }, (_, column) => {
    const start = column * hop - FRAME / 2;
    return (until(start + FRAME - 1) - until(start)) / FRAME;
  });
  return { rows: 1, columns, values };
}

/** What is nearly zero counts as above. */
function isBelow(sample: number): boolean {
  return sample < -1e-10;
}
