import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { around, resampledLength, stretch, type Sound } from '../capture/resample';
import { padded, windowStarts, type SoundSpec } from '../capture/sound';
import { parseWav } from '../capture/wav.fake';
import type { Card, SoundTask } from './task';

/** How far the browser's runtime may be from the server's, decoding and resampling included. */
const PARITY = 1e-3;

interface Golden {
  readonly model_sha256: Readonly<Record<SoundTask, string | null>>;
  readonly sounds: readonly ({ readonly file: string; readonly sha256: string } & Readonly<
    Record<SoundTask, readonly number[] | null>
  >)[];
}

const root = new URL('../../../', import.meta.url);
const folder = new URL('tests/golden/sound/', root);
const golden = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Golden;
const TASKS = (['genre', 'emotion'] as const).filter((task) => golden.model_sha256[task] !== null);

/** The windows as `listen` hands them to the worker. */
function windowsOf(sound: Sound, spec: SoundSpec): Float32Array[] {
  const n = resampledLength(sound, spec.sample_rate);
  return windowStarts(n, spec).map((start) => {
    const count = Math.min(n - start, spec.shape[1]);
    const part = around(sound, spec.sample_rate, start, count);
    return padded(stretch(part.sound, spec.sample_rate, part.start, count), spec);
  });
}

/** What the browser's own wasm, each build of it, says of windows laid end to end. */
function answersOf(model: URL, windows: readonly Float32Array[]): number[][][] {
  const script = fileURLToPath(new URL('pwa/scripts/run-model.mjs', root));
  const input = Buffer.concat(windows.map(({ buffer }) => new Uint8Array(buffer)));
  const said = execFileSync(process.execPath, [script, fileURLToPath(model), 'float32'], {
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
    maxBuffer: 1e8,
  });
  const builds = JSON.parse(said.toString()) as Record<string, number[][] | null>;
  return Object.values(builds).filter((rows) => rows !== null);
}

function meanOf(rows: readonly number[][]): number[] {
  return (rows[0] ?? []).map((_, label) => rows.reduce((sum, row) => sum + (row[label] ?? NaN), 0) / rows.length);
}

test.each(golden.sounds)('$file is the golden sound', ({ file, sha256 }) => {
  expect(createHash('sha256').update(readFileSync(new URL(file, folder))).digest('hex')).toBe(sha256);
});

test.each(TASKS)('%s: a sound gets the same answer here as on the server', { timeout: 120_000 }, (task) => {
  const bundle = new URL(`ml/bundles/${task}/net/`, root);
  const card = JSON.parse(readFileSync(new URL('card.json', bundle), 'utf8')) as Card<SoundSpec>;
  expect(card.sha256).toBe(golden.model_sha256[task]);
  const cut = golden.sounds.map(({ file }) => windowsOf(parseWav(readFileSync(new URL(file, folder))), card.input));
  for (const rows of answersOf(new URL(card.file, bundle), cut.flat())) {
    let from = 0;
    for (const [i, { file, [task]: expected }] of golden.sounds.entries()) {
      const until = from + (cut[i]?.length ?? 0);
      const mean = meanOf(rows.slice(from, until));
      const gap = Math.max(...mean.map((score, label) => Math.abs(score - (expected?.[label] ?? NaN))));
      expect(gap, file).toBeLessThanOrEqual(PARITY);
      from = until;
    }
  }
});
