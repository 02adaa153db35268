/** Whether a model is the announced one, and answers on this machine as its card says. */
import { bridge } from '../infer/bridge';
import type { ModelInput } from '../infer/protocol';
import type { Card, InputSpec } from './task';

export type ModelFailure =
  | 'offline'
  | 'server'
  | 'insecure'
  | 'storage'
  | 'not-a-model'
  | 'wrong-sum'
  | 'self-test'
  | 'runtime';

export class ModelError extends Error {
  constructor(
    readonly reason: ModelFailure,
    detail: string,
  ) {
    super(detail);
    this.name = 'ModelError';
  }
}

/** The mark of a TFLite file at byte 4, then its sum: a 200 page is not a model. */
export async function verify(bytes: Uint8Array<ArrayBuffer>, sha256: string): Promise<void> {
  const mark = String.fromCharCode(...bytes.subarray(4, 8));
  if (mark !== 'TFL3') throw new ModelError('not-a-model', 'no TFL3 mark');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== sha256) throw new ModelError('wrong-sum', `sha256 is ${hex}`);
}

/** The self-test's input: whole numbers only, so that every language makes the same. */
export function reference(spec: InputSpec): ModelInput {
  return spec.kind === 'sound' ? sweep(spec.shape[1]) : ramp(spec.shape);
}

/** The card's "ramp": pixel[y][x][c] = (7x + 11y + 83c) mod 256. */
export function ramp([, height, width, channels]: readonly [number, number, number, number]): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) pixels[at++] = (7 * x + 11 * y + 83 * c) % 256;
    }
  }
  return pixels;
}

/** The card's "sweep": sample[i] = ((i² div 128) mod 4096 - 2048) / 4096. */
export function sweep(samples: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: samples }, (_, i) => ((Math.floor((i * i) / 128) % 4096) - 2048) / 4096);
}

/** True when a model gives on this machine what its card says it gives. */
export function agrees(output: ArrayLike<number>, { output: expected, tolerance }: Card['selftest']): boolean {
  return (
    output.length === expected.length &&
    expected.every((value, i) => Math.abs((output[i] ?? NaN) - value) <= tolerance)
  );
}

/** Let a model prove itself here. Rejects with a ModelError `self-test` or `runtime`; it then is closed. */
export async function selfTest(
  { input, selftest }: Card,
  bytes: Uint8Array<ArrayBuffer>,
  sha256: string,
): Promise<void> {
  let output: Float32Array;
  try {
    ({ scores: output } = await bridge.run(sha256, reference(input), () => Promise.resolve(bytes.slice())));
  } catch (error) {
    throw new ModelError('runtime', String(error));
  }
  if (agrees(output, selftest)) return;
  await bridge.close(sha256);
  throw new ModelError('self-test', 'the model does not answer as its card says');
}
