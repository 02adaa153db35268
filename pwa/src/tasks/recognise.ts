/** recognise(photo) → Answer. Twin of ml/predict.py; the server only where no model runs here. */
import { ProblemError, recognise as askServer } from '../api/client';
import type { TaskAnswer } from '../api/types';
import { encodeForServer } from '../capture/encode';
import { bridge, InferenceError } from '../infer/bridge';
import type { Source } from '../infer/protocol';
import { bytesOf, modelOf, ModelError, type Entry } from './models';
import { decide, type Answer } from './task';

/** What every model of the house looks at, until its own card says otherwise. */
const USUAL_INPUT = { side: 224, crop: 0.75 };

/** How long a first answer waits for the model before the server is asked, in ms. */
const PATIENCE_MS = 8000;

/** Longest side of the copy that may be kept: enough to judge a material, too small for a crowd. */
const COPY_LONGEST = 640;

const waste = modelOf('waste');

let lastPhoto = 0;

export interface Input {
  /** RGB bytes, side × side × 3: what the model sees, and all that the server is asked about. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly side: number;
  readonly crop: number;
  /** Its number in the worker, where a copy of the whole can be had next. */
  readonly photo: number;
}

export function inputShape(): { side: number; crop: number } {
  const input = waste.entry.value?.card.input;
  return input?.kind === 'image' ? { side: input.shape[1], crop: input.crop } : USUAL_INPUT;
}

/** Decode, crop and resize. Rejects with an InferenceError `undecodable` for what the browser cannot read. */
export async function prepare(source: Source, abort?: AbortSignal): Promise<Input> {
  const { side, crop } = inputShape();
  const photo = ++lastPhoto;
  return { pixels: await bridge.square(photo, source, side, crop, abort), side, crop, photo };
}

/** A small JPEG of the photo prepared last; null where the worker has lost it. */
export async function copyOf({ photo }: Input): Promise<ArrayBuffer | null> {
  try {
    return await bridge.copy(photo, COPY_LONGEST);
  } catch (error) {
    if (error instanceof InferenceError) return null;
    throw error;
  }
}

/** Recognise one input on this device, else by the server. Rejects when neither can. */
export async function recognise(input: Input, abort?: AbortSignal): Promise<Answer> {
  await modelOr(PATIENCE_MS);
  const entry = waste.entry.value;
  if (entry !== null) {
    try {
      return await recogniseHere(entry, input, abort);
    } catch (error) {
      // A browser that cannot run the model, or that dropped it, is what the server is for.
      if (!(error instanceof InferenceError || error instanceof ModelError)) throw error;
      // Unless the next model took over meanwhile.
      if (waste.entry.value !== entry) return recognise(input, abort);
    }
  }
  return recogniseThere(await encodeForServer(input), abort);
}

async function recogniseHere(entry: Entry, input: Input, abort?: AbortSignal): Promise<Answer> {
  const start = performance.now();
  const { scores } = await bridge.run(entry.sha256, input.pixels, () => bytesOf(entry), abort);
  const latency_ms = Math.round(performance.now() - start);
  const { version, sha256 } = entry;
  return decide(scores, entry.card.output, { origin: 'device', version, sha256, latency_ms });
}

/** Let the server see a photo: all of it, when the browser cannot read it. */
export async function recogniseThere(photo: Blob, abort?: AbortSignal): Promise<Answer> {
  return answerOf(await askServer('waste', photo, abort));
}

export function answerOf({ answers }: TaskAnswer): Answer {
  const first = answers[0]; // the engine that is shown; the others are second opinions
  if (first === undefined) throw new Error('an answer without an engine');
  const { label, score, top, version, latency_ms, problem } = first;
  if (problem !== null) throw new ProblemError(problem, 503, `${first.engine} cannot answer`);
  const from = { top, version, latency_ms, sha256: null, origin: 'server' } as const;
  return label === null ? { kind: 'unsure', ...from } : { kind: 'label', label, score, ...from };
}

/** Resolves when a model answers here, when it is known that none will, or after `ms`. */
function modelOr(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms);
    const stop = waste.state.subscribe((state) => {
      const busy = state.kind === 'downloading' || state.kind === 'checking' || state.kind === 'absent';
      if (waste.entry.value !== null || !busy) queueMicrotask(finish);
    });
    function finish(): void {
      clearTimeout(timer);
      stop();
      resolve();
    }
  });
}
