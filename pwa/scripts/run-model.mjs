/**
 * Answers as a browser would: node scripts/run-model.mjs MODEL.tflite < pixels > answers.json
 *
 * Runs the browser's own wasm, each build that browsers load, on uint8 inputs laid end to end.
 * Out comes { build: [[probability, …], …] | null }; null where this Node cannot run that build.
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

const [path] = process.argv.slice(2);
const model = readFileSync(path);
const pixels = readFileSync(0);
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
  const shape = Array.from(compiled.getInputDetails()[0].shape);
  const size = shape.reduce((product, n) => product * n, 1);
  const rows = [];
  for (let start = 0; start < pixels.length; start += size) {
    const input = new Tensor(new Uint8Array(pixels.subarray(start, start + size)), shape);
    const outputs = await compiled.run(input);
    rows.push(Array.from(await outputs[0].data()));
    for (const tensor of [input, ...outputs]) tensor.delete();
  }
  compiled.delete();
  unloadLiteRt();
  return rows;
}
