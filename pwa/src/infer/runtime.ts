/** The only import of LiteRT.js; CPU through wasm, which every browser of today runs. */
import { loadAndCompile, loadLiteRt, Tensor, type CompiledModel } from '@litertjs/core';

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
  run(pixels: Uint8Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  close(): void;
}

/** Compile a .tflite; uint8 [1,s,s,3] in, float32 [1,labels] out. */
export async function openModel(bytes: Uint8Array): Promise<OpenModel> {
  await load();
  const model = await loadAndCompile(bytes, { accelerator: 'wasm' });
  const shape = inputShape(model);
  return {
    run: (pixels) => runOnce(model, pixels, shape),
    close: () => model.delete(),
  };
}

function inputShape(model: CompiledModel): number[] {
  const input = model.getInputDetails()[0];
  if (input?.dtype !== 'uint8') throw new Error(`the graph wants ${input?.dtype ?? 'nothing'}`);
  return Array.from(input.shape);
}

async function runOnce(
  model: CompiledModel,
  pixels: Uint8Array<ArrayBuffer>,
  shape: number[],
): Promise<Float32Array<ArrayBuffer>> {
  const input = new Tensor(pixels, shape);
  try {
    const outputs = await model.run(input);
    const first = outputs[0];
    if (first === undefined) throw new Error('the graph has no output');
    try {
      return new Float32Array(await first.data());
    } finally {
      for (const output of outputs) output.delete();
    }
  } finally {
    input.delete();
  }
}
