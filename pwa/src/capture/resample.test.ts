import { expect, test } from 'vitest';
import { around, resample, resampledLength, stretch, type Sound } from './resample';

/** The same in every language: a linear congruential generator. */
function noise(rate: number, seconds: number): Sound {
  const samples = new Float32Array(Math.floor(rate * seconds));
  let state = 1n;
  for (let i = 0; i < samples.length; i++) {
    state = (state * 1103515245n + 12345n) % 2n ** 31n;
    samples[i] = (Number(state) / 2 ** 31 - 0.5) * 0.8;
  }
  return { samples, rate };
}

/** soxr 1.0, ResampleStream(rate, 16000, 1, quality="HQ"), of the noise above: samples 1600 to 1611. */
const SOXR: readonly (readonly [number, readonly number[]])[] = [
  [44100, [0.00252, 0.05124, 0.17178, 0.19215, 0.09802, -0.14716, 0.04371, 0.16174, 0.20372, 0.13011, 0.18305, 0.20195]],
  [48000, [-0.17464, -0.20629, 0.00689, -0.1918, 0.02145, -0.1785, -0.16616, 0.04518, 0.15297, -0.01364, -0.02455, 0.10512]],
  [8000, [-0.37438, 0.01009, 0.22224, 0.11183, -0.07428, -0.13077, -0.14969, -0.23141, -0.25012, -0.11252, -0.00593, -0.12587]],
];

test.each(SOXR)('white noise of %i Hz comes out as from soxr', (rate, expected) => {
  const out = resample(noise(rate, 0.2), 16_000);
  expect(out).toHaveLength(3200);
  expected.forEach((sample, i) => expect(Math.abs((out[1600 + i] as number) - sample)).toBeLessThan(3e-4));
});

test('a sound of the wanted rate is not touched', () => {
  const sound = noise(16_000, 0.1);
  expect(resample(sound, 16_000)).toEqual(sound.samples);
});

test('what is heard stays, what the lower rate cannot hold is gone', () => {
  const tone = (hertz: number): Sound => ({
    samples: Float32Array.from({ length: 48_000 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / 48_000)),
    rate: 48_000,
  });
  const loudness = (sound: Sound): number =>
    Math.max(...resample(sound, 16_000).subarray(1000, 15_000).map((sample) => Math.abs(sample)));
  expect(loudness(tone(7000))).toBeCloseTo(0.5, 2);
  expect(loudness(tone(8500))).toBeLessThan(1e-5);
});

test.each([44_100, 48_000, 11_025, 16_000])('of %i Hz, a stretch is what the whole has there', (rate) => {
  const sound = noise(rate, 0.5);
  const whole = resample(sound, 16_000);
  for (const [start, count] of [[0, 700], [3000, 500], [whole.length - 300, 300]] as const) {
    const part = around(sound, 16_000, start, count);
    expect(stretch(part.sound, 16_000, part.start, count)).toEqual(whole.slice(start, start + count));
    expect(part.sound.samples.length).toBeLessThan(sound.samples.length);
  }
});

test('a sound has as many samples as soxr gives it', () => {
  const lengths = [44_100, 48_000, 22_050].map((rate) =>
    resampledLength({ samples: new Float32Array(Math.floor(rate * 1.5) + 7), rate }, 16_000),
  );
  expect(lengths).toEqual([24_003, 24_002, 24_005]);
});
