/** listen(task, sound) → SoundAnswer, on this device. Twin of ml/predict.py for sounds. */
import { ProblemError, recognise as askServer } from '../api/client';
import type { TaskAnswer } from '../api/types';
import { around, resampledLength, type Sound } from '../capture/resample';
import { checkSound, padded, SoundError, windowStarts, type SoundSpec } from '../capture/sound';
import { encodeWav } from '../capture/wav';
import { bridge } from '../infer/bridge';
import { bytesOf, modelOf, ModelError, whenReady, type DeviceModel, type Entry } from './models';
import {
  decide,
  rank,
  type Answer,
  type Opinion,
  type SoundAnswer,
  type SoundTask,
  type Stretch,
} from './task';

export interface ListenOptions {
  /** Default: the net. Another must have been brought to this device first. */
  readonly engine?: string;
  readonly signal?: AbortSignal;
  /** Windows heard, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What the server takes of a sound, and enough of its rate for every engine. */
const SERVER_S = 120;
const SERVER_RATE = 22_050;

/** Listen is opened: bring the task's net here, and find the larger engines that were brought before. */
export async function prepareListen(task: SoundTask): Promise<void> {
  const larger = LARGER[task].map((engine) => modelOf(task, engine));
  await Promise.all(larger.map((model) => model.restore()));
  await modelOf(task).bring();
  for (const model of larger) if (model.entry.value !== null) await model.bring();
}

/** Engines a person may bring to this device beside the net: `modelOf(task, engine).bring()`. */
export const LARGER: Readonly<Record<SoundTask, readonly string[]>> = { genre: ['vgg19'], emotion: [] };

/**
 * Recognise a sound here; nothing leaves the device. Waits for a model on its way.
 *
 * Rejects with a SoundError where there is nothing to recognise (`silent`, `clipped`, `too-short`,
 * `no-music`, `no-speech`), a ModelError where no model is here, an InferenceError where it cannot run.
 */
export async function listen(
  task: SoundTask,
  sound: Sound,
  { engine = 'net', signal, onProgress }: ListenOptions = {},
): Promise<SoundAnswer> {
  checkSound(sound);
  const model = modelOf(task, engine);
  const entry = await whenReady(model, signal);
  try {
    return await hear(entry, sound, signal, onProgress);
  } catch (error) {
    // The next model took over meanwhile, and the browser dropped this one.
    if (!(error instanceof ModelError) || isStill(model, entry)) throw error;
    return listen(task, sound, { engine, ...(signal && { signal }), ...(onProgress && { onProgress }) });
  }
}

const isStill = (model: DeviceModel, entry: Entry): boolean => model.entry.value === entry;

async function hear(
  entry: Entry,
  sound: Sound,
  signal?: AbortSignal,
  onProgress?: ListenOptions['onProgress'],
): Promise<SoundAnswer> {
  const begun = performance.now();
  const { card } = entry;
  const { input: spec, output } = card;
  if (spec.kind !== 'sound') throw new ModelError('not-a-model', `${card.task} is not about sounds`);
  const { sample_rate: rate } = spec;
  const n = resampledLength(sound, rate);
  const starts = windowStarts(n, spec);
  const total = new Float64Array(output.labels.length);
  const windows: Stretch[] = [];
  let presence = 0;
  for (const [i, start] of starts.entries()) {
    onProgress?.(i, starts.length);
    const end = Math.min(n, start + spec.shape[1]);
    const heard = await bridge.run(entry.sha256, await cut(sound, spec, start, end, signal), () => bytesOf(entry), signal);
    heard.scores.forEach((score, label) => (total[label] = (total[label] ?? 0) + score));
    presence += heard.presence;
    windows.push({ start_s: start / rate, end_s: end / rate, top: rank(heard.scores, output.labels) });
  }
  onProgress?.(starts.length, starts.length);
  if (presence / starts.length < (output.presence ?? 0)) throw new SoundError(ABSENT[card.task as SoundTask]);
  const latency_ms = Math.round(performance.now() - begun);
  const { version, sha256 } = entry;
  const mean = total.map((score) => score / starts.length);
  const answer = decide(mean, output, { origin: 'device', version, sha256, latency_ms });
  return { ...answer, windows, engines: [{ kind: 'said', engine: card.engine, answer, windows }] };
}

const ABSENT = { genre: 'no-music', emotion: 'no-speech' } as const;

/** One window at the card's rate, resampled off the page; the rest of a long sound never is. */
async function cut(
  sound: Sound,
  spec: SoundSpec,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  const part = around(sound, spec.sample_rate, start, end - start);
  const samples = await bridge.resample(part.sound, spec.sample_rate, part.start, end - start, signal);
  return padded(samples, spec);
}

/**
 * Let the server's engines hear a sound, for a person who wants it; they keep nothing.
 *
 * Of a long sound its middle is sent, as a WAV without a name; a file that the browser cannot read
 * goes as it is. Rejects with a SoundError, an OfflineError or a ProblemError.
 */
export async function listenThere(task: SoundTask, sound: Sound | Blob, signal?: AbortSignal): Promise<SoundAnswer> {
  if (sound instanceof Blob) return asked(task, sound, 0, signal);
  const { part, from_s } = middle(sound, SERVER_S);
  const rate = Math.min(part.rate, SERVER_RATE);
  const samples = await bridge.resample(part, rate, 0, resampledLength(part, rate), signal);
  return asked(task, new Blob([encodeWav({ samples, rate })], { type: 'audio/wav' }), from_s, signal);
}

/** Every engine's opinion, the server's. Rejects as `listenThere`. */
export async function askEngines(
  task: SoundTask,
  sound: Sound | Blob,
  signal?: AbortSignal,
): Promise<readonly Opinion[]> {
  return (await listenThere(task, sound, signal)).engines;
}

async function asked(task: SoundTask, file: Blob, from_s: number, signal?: AbortSignal): Promise<SoundAnswer> {
  try {
    return soundAnswerOf(await askServer(task, file, signal), from_s);
  } catch (error) {
    const refusal = error instanceof ProblemError ? REFUSALS[error.slug] : undefined;
    throw refusal === undefined ? error : new SoundError(refusal);
  }
}

const REFUSALS: Readonly<Record<string, SoundError['kind']>> = {
  'too-large': 'too-large',
  'unsupported-sound': 'undecodable',
  'undecodable-sound': 'undecodable',
  'too-short-sound': 'too-short',
  'silent-sound': 'silent',
  'clipped-sound': 'clipped',
  'no-music': 'no-music',
  'no-speech': 'no-speech',
};

type ServerEntry = TaskAnswer['answers'][number];

/** The first engine that answers is shown. Windows count from the beginning of the whole sound. */
function soundAnswerOf({ answers }: TaskAnswer, from_s: number): SoundAnswer {
  const engines = answers.map((entry) => opinionOf(entry, from_s));
  const shown = engines.find((opinion) => opinion.kind === 'said');
  if (shown === undefined) throw new ProblemError(answers[0]?.problem ?? 'no-model', 503, 'no engine answered');
  return { ...shown.answer, windows: shown.windows, engines };
}

function opinionOf(entry: ServerEntry, from_s: number): Opinion {
  const { engine, version, label, score, top, latency_ms, problem } = entry;
  if (problem !== null) return { kind: 'failed', engine, problem };
  const from = { top, version, latency_ms, sha256: null, origin: 'server' } as const;
  const answer: Answer = label === null ? { kind: 'unsure', ...from } : { kind: 'label', label, score, ...from };
  const windows = entry.windows.map(({ start_s, end_s, top }) => ({
    start_s: start_s + from_s,
    end_s: end_s + from_s,
    top,
  }));
  return { kind: 'said', engine, answer, windows };
}

/** At most so many seconds, from the middle: beginnings and ends say least. */
export function middle({ samples, rate }: Sound, seconds: number): { part: Sound; from_s: number } {
  const left = Math.max(0, samples.length - seconds * rate);
  const from = Math.floor(left / 2);
  return { part: { samples: samples.slice(from, samples.length - left + from), rate }, from_s: from / rate };
}
