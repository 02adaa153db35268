/** The only import of LiteRT.js; CPU through wasm, which every browser of today runs. */
import { loadAndCompile, loadLiteRt, Tensor, type CompiledModel } from '@litertjs/core';
import type { Heard, ModelInput } from './protocol';

declare const __LITERT_FOLDER__: string;
/** /litert/<version>/: our own copy, put there by the build. */
const FOLDER = __LITERT_FOLDER__;

let loading: Promise<unknown> | undefined;

function load(): Promise<unknown> {
  // Without it the wasm is looked for beside the worker, where an HTML page would come back.
  Object.assign(self, { Module: { locateFile: (file: string) => FOLDER + file } });
  loading ??= loadLiteRt(FOLDER);
  return loading;
}

export interface OpenModel {
  run(input: ModelInput): Promise<Heard>;
  close(): void;
}

const DTYPES = ['uint8', 'float32'];

/** Compile a .tflite of batch 1: uint8 or float32 in; probabilities, and maybe a presence, out. */
export async function openModel(bytes: Uint8Array): Promise<OpenModel> {
  await load();
  const model = await loadAndCompile(bytes, { accelerator: 'wasm' });
  const shape = inputShape(model);
  return {
    run: (input) => runOnce(model, input, shape),
    close: () => model.delete(),
  };
}

function inputShape(model: CompiledModel): number[] {
  const input = model.getInputDetails()[0];
  if (input === undefined || !DTYPES.includes(input.dtype)) {
    throw new Error(`the graph wants ${input?.dtype ?? 'nothing'}`);
  }
  return Array.from(input.shape);
}

async function runOnce(model: CompiledModel, values: ModelInput, shape: number[]): Promise<Heard> {
  const input = new Tensor(values, shape);
  try {
    const outputs = await model.run(input);
    try {
      return heardIn(await Promise.all(outputs.map(async (output) => new Float32Array(await output.data()))));
    } finally {
      for (const output of outputs) output.delete();
    }
  } finally {
    input.delete();
  }
}

/** The outputs are told apart by their shapes: one number is the presence. */
function heardIn(outputs: readonly Float32Array<ArrayBuffer>[]): Heard {
  const [scores, ...more] = outputs.filter(({ length }) => length > 1);
  if (scores === undefined || more.length > 0) throw new Error('the graph does not give one row of probabilities');
  if (!scores.every(Number.isFinite)) throw new Error('the graph gave what is no number'); // as on the server
  return { scores, presence: outputs.find(({ length }) => length === 1)?.[0] ?? 1 };
}
