/**
 * Answers as a browser would: node scripts/run-model.mjs MODEL.tflite [DTYPE] < inputs > answers.json
 *
 * Runs the browser's own wasm, each build that browsers load, on inputs laid end to end: uint8
 * pixels, or float32 samples. Out comes { build: [[probability, …], …] | null }; null where this
 * Node cannot run that build. A second output of one number, the presence, is left out.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';

// Node 20 has what Chrome 114 ships, behind a flag; a Node that has no such flag overlooks it.
v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
// LiteRT tells of itself on the console; standard output is for the answers.
globalThis.console = new console.Console(process.stderr);

const wasm = fileURLToPath(new URL('../node_modules/@litertjs/core/wasm/', import.meta.url));
// What the loader expects of a worker.
Object.assign(globalThis, {
  self: globalThis,
  importScripts: (file) => vm.runInThisContext(readFileSync(file, 'utf8'), { filename: file }),
  require: createRequire(import.meta.url),
  __dirname: wasm,
});

const { loadAndCompile, loadLiteRt, supportsFeature, Tensor, unloadLiteRt } = await import(
  '@litertjs/core'
);

const KINDS = { uint8: Uint8Array, float32: Float32Array };

const [path, dtype = 'uint8'] = process.argv.slice(2);
const Kind = KINDS[dtype];
if (Kind === undefined) throw new Error(`no inputs of ${dtype}`);
const model = readFileSync(path);
const values = new Kind(new Uint8Array(readFileSync(0)).buffer);
const relaxed = await supportsFeature('relaxedSimd');
const answers = {
  litert_wasm_compat_internal: await answersOf('litert_wasm_compat_internal'),
  litert_wasm_internal: relaxed ? await answersOf('litert_wasm_internal') : null,
};
process.stdout.write(JSON.stringify(answers));

async function answersOf(build) {
  globalThis.Module = { locateFile: (file) => join(wasm, file) };
  await loadLiteRt(join(wasm, `${build}.js`));
  const compiled = await loadAndCompile(model, { accelerator: 'wasm' });
  const taken = compiled.getInputDetails()[0];
  if (taken.dtype !== dtype) throw new Error(`the graph wants ${taken.dtype}`);
  const shape = Array.from(taken.shape);
  const size = shape.reduce((product, n) => product * n, 1);
  const rows = [];
  for (let start = 0; start < values.length; start += size) {
    const input = new Tensor(values.slice(start, start + size), shape);
    const outputs = await compiled.run(input);
    const given = await Promise.all(outputs.map((output) => output.data()));
    rows.push(Array.from(given.find(({ length }) => length > 1)));
    for (const tensor of [input, ...outputs]) tensor.delete();
  }
  compiled.delete();
  unloadLiteRt();
  return rows;
}
