import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { agrees, ramp, sweep, verify } from './verify';

function modelLike(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64);
  bytes.set(new TextEncoder().encode('TFL3'), 4);
  return bytes;
}

const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('verify', () => {
  test('takes a model whose sum is the announced one', async () => {
    const bytes = modelLike();
    await expect(verify(bytes, sumOf(bytes))).resolves.toBeUndefined();
  });

  test('refuses a page that came instead of a model', async () => {
    const page = new TextEncoder().encode('<!doctype html><html></html>');
    await expect(verify(page, sumOf(page))).rejects.toMatchObject({ reason: 'not-a-model' });
  });

  test('refuses a model with one bit changed', async () => {
    const bytes = modelLike();
    const sum = sumOf(bytes);
    bytes[40] = 1;
    await expect(verify(bytes, sum)).rejects.toMatchObject({ reason: 'wrong-sum' });
  });
});

describe('self-test', () => {
  const selftest = { input: 'ramp', output: [0.7, 0.2, 0.1], tolerance: 0.02 } as const;

  test('the ramp is (7x + 11y + 83c) mod 256', () => {
    const pixels = ramp([1, 224, 224, 3]);
    expect(pixels).toHaveLength(224 * 224 * 3);
    expect(Array.from(pixels.subarray(0, 6))).toEqual([0, 83, 166, 7, 90, 173]);
    expect(pixels[(100 * 224 + 200) * 3 + 2]).toBe((7 * 200 + 11 * 100 + 166) % 256);
  });

  test('the sweep is ((i² div 128) mod 4096 - 2048) / 4096', () => {
    const samples = sweep(48_000);
    expect(Array.from(samples.subarray(0, 3))).toEqual([-0.5, -0.5, -0.5]);
    // From ml.predict.reference.
    expect([12, 1000, 47_999].map((i) => samples[i])).toEqual([-0.499755859375, 0.4072265625, -0.15185546875].map(Math.fround));
  });

  test.each([
    [[0.7, 0.2, 0.1], true],
    [[0.715, 0.19, 0.095], true],
    [[0.66, 0.24, 0.1], false],
    [[NaN, 0.2, 0.1], false],
    [[0.7, 0.2], false],
  ])('output %j agrees: %s', (output, verdict) => {
    expect(agrees(output, selftest)).toBe(verdict);
  });
});
