/** Files → a mono waveform, and its windows; twin of ml/sound.py. */
import type { Sound } from './resample';
import { rateOf } from './rate';

export { resample, resampledLength, type Sound } from './resample';

/** Why nobody can recognise a sound; the last two only a model can tell. */
export type SoundRefusal =
  | 'undecodable'
  | 'too-large'
  | 'too-short'
  | 'silent'
  | 'clipped'
  | 'no-music'
  | 'no-speech';

export class SoundError extends Error {
  constructor(readonly kind: SoundRefusal) {
    super(kind);
    this.name = 'SoundError';
  }
}

/** A window of a mono waveform, shape (1, samples), as `windows` cuts it. */
export interface SoundSpec {
  readonly kind: 'sound';
  readonly shape: readonly [number, number];
  readonly dtype: 'float32';
  readonly range: readonly [number, number];
  readonly sample_rate: number;
  readonly hop: number;
  readonly max_windows: number;
  readonly pad: boolean;
}

export const MAX_BYTES = 25_000_000;
export const MAX_S = 600;
export const MIN_S = 1;

/** A block of a tenth of a second whose deviation is under -60 dBFS is silence. */
const BLOCK_S = 0.1;
const SILENCE = 1e-3;
/** Loud records touch full scale in a few samples of a hundred; an overdriven microphone in many. */
const FULL_SCALE = 0.999;
const CLIPPED = 0.1;

/** How long a file may take to say its length, in ms. */
const PATIENCE_MS = 1500;

/** Decoded at 48 kHz where a file does not say its rate. */
const USUAL_RATE = 48_000;

/** True for what may be a sound: phones give some recordings no type, or that of a film. */
export function mayBeSound({ type, name }: { readonly type: string; readonly name: string }): boolean {
  return (
    /^(audio|video)\//.test(type) ||
    type === 'application/ogg' ||
    (type === '' && /\.(wav|flac|ogg|oga|opus|mp3|m4a|aac|mp4|webm|weba)$/i.test(name))
  );
}

/**
 * Decode whatever this browser can, at the file's own rate, all channels averaged. Of a film, its sound.
 *
 * Rejects with a SoundError: `too-large` over 25 MB or 10 minutes, `undecodable`, or as `checkSound`.
 */
export async function decodeFile(file: Blob): Promise<Sound> {
  if (file.size > MAX_BYTES) throw new SoundError('too-large');
  if ((await announcedSeconds(file)) > MAX_S) throw new SoundError('too-large');
  const bytes = await file.arrayBuffer();
  const buffer = await decoded(bytes, rateOf(new Uint8Array(bytes)) ?? USUAL_RATE);
  if (buffer.duration > MAX_S) throw new SoundError('too-large');
  const sound = { samples: mixed(buffer), rate: buffer.sampleRate };
  checkSound(sound);
  return sound;
}

/** What a file says of its length, 0 where it does not: hours of sound must not be decoded to be refused. */
async function announcedSeconds(file: Blob): Promise<number> {
  if (!('Audio' in globalThis)) return 0;
  const url = URL.createObjectURL(file);
  const player = new Audio();
  try {
    const told = new Promise<void>((resolve) => {
      setTimeout(resolve, PATIENCE_MS); // some browsers look into a file only once it is played
      for (const event of ['loadedmetadata', 'error']) player.addEventListener(event, () => resolve());
    });
    player.preload = 'metadata';
    player.src = url;
    await told;
    return Number.isFinite(player.duration) ? player.duration : 0; // recorders say nothing, or infinity
  } finally {
    player.removeAttribute('src');
    URL.revokeObjectURL(url);
  }
}

/** A context of the file's own rate leaves the resampling to us: browsers do it less well. */
async function decoded(bytes: ArrayBuffer, rate: number): Promise<AudioBuffer> {
  let context: OfflineAudioContext;
  try {
    context = new OfflineAudioContext(1, 1, rate);
  } catch {
    context = new OfflineAudioContext(1, 1, USUAL_RATE); // a rate this browser does not do
  }
  try {
    return await context.decodeAudioData(bytes);
  } catch {
    throw new SoundError('undecodable');
  }
}

function mixed(buffer: AudioBuffer): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(buffer.length);
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    const own = buffer.getChannelData(channel);
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) + (own[i] as number);
  }
  for (let i = 0; i < samples.length; i++) {
    const mean = (samples[i] as number) / buffer.numberOfChannels;
    if (!Number.isFinite(mean)) throw new SoundError('undecodable');
    samples[i] = Math.min(1, Math.max(-1, mean));
  }
  return samples;
}

/** Refuse what no recogniser can do anything with; the server refuses the same. */
export function checkSound({ samples, rate }: Sound): void {
  if (samples.length < MIN_S * rate) throw new SoundError('too-short');
  if (loudestDeviation(samples, Math.floor(BLOCK_S * rate)) < SILENCE) throw new SoundError('silent');
  let full = 0;
  for (const sample of samples) if (Math.abs(sample) >= FULL_SCALE) full++;
  if (full > CLIPPED * samples.length) throw new SoundError('clipped');
}

/** The largest standard deviation of a block: a constant is silence too. */
function loudestDeviation(samples: Float32Array, block: number): number {
  let loudest = 0;
  for (let start = 0; start + block <= samples.length; start += block) {
    let [sum, squares] = [0, 0];
    for (let i = start; i < start + block; i++) {
      const sample = samples[i] as number;
      sum += sample;
      squares += sample * sample;
    }
    loudest = Math.max(loudest, squares / block - (sum / block) ** 2);
  }
  return Math.sqrt(loudest);
}

export interface Cut {
  /** Its first sample. */
  readonly start: number;
  /** As many as the card says; fewer where the sound is shorter and the card asks for no padding. */
  readonly samples: Float32Array<ArrayBuffer>;
}

/** Cut a waveform of the card's rate as the card says. */
export function windows(waveform: Float32Array<ArrayBuffer>, spec: SoundSpec): Cut[] {
  const size = spec.shape[1];
  return windowStarts(waveform.length, spec).map((start) => ({
    start,
    samples: padded(waveform.slice(start, start + size), spec),
  }));
}

/** What is shorter than a window is filled up with silence, where the card asks for it. */
export function padded(samples: Float32Array<ArrayBuffer>, { shape, pad }: SoundSpec): Float32Array<ArrayBuffer> {
  if (!pad || samples.length >= shape[1]) return samples;
  const full = new Float32Array(shape[1]);
  full.set(samples);
  return full;
}

/** First samples of the windows; whole numbers, as on the server. */
export function windowStarts(n: number, { shape, hop, max_windows }: SoundSpec): number[] {
  const last = n - shape[1];
  if (last <= 0) return [0];
  const starts: number[] = [];
  for (let start = 0; start <= last; start += hop) starts.push(start);
  const left = last - (starts.at(-1) ?? 0);
  if (left >= hop / 2) starts.push(last); // what is left at the end is heard too
  if (starts.length <= max_windows) return starts;
  return Array.from({ length: max_windows }, (_, k) => Math.floor((k * last) / Math.max(1, max_windows - 1)));
}
