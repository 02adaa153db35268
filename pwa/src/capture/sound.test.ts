import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Sound } from './resample';
import { checkSound, decodeFile, mayBeSound, MAX_BYTES, windows, windowStarts, type SoundSpec } from './sound';
import { encodeWav } from './wav';
import { parseWav } from './wav.fake';

const RATE = 16_000;
const SPEC: SoundSpec = {
  ...{ kind: 'sound', shape: [1, 48_000], dtype: 'float32', range: [-1, 1] },
  ...{ sample_rate: RATE, hop: 24_000, max_windows: 20, pad: true },
};

const made = (seconds: number, sample: (i: number) => number): Sound => ({
  samples: Float32Array.from({ length: seconds * RATE }, (_, i) => sample(i)),
  rate: RATE,
});
const tone = (seconds: number, loudness = 0.5): Sound => made(seconds, (i) => loudness * Math.sin(i / 5));

describe('what nobody could recognise is refused by name', () => {
  test.each<[string, Sound, string | null]>([
    ['a tone', tone(1), null],
    ['a quiet tone', tone(2, 0.003), null],
    ['a tenth of a second', tone(0.1), 'too-short'],
    ['nothing at all', { samples: new Float32Array(0), rate: RATE }, 'too-short'],
    ['silence', made(2, () => 0), 'silent'],
    ['a constant', made(2, () => 0.4), 'silent'],
    ['hiss under -60 dB', made(2, (i) => (i % 2) * 1e-3), 'silent'],
    ['a click in silence', made(2, (i) => (i === RATE ? 0.9 : 0)), null],
    ['an overdriven tone', made(2, (i) => Math.min(1, Math.max(-1, 9 * Math.sin(i / 5)))), 'clipped'],
  ])('%s', (_name, sound, refusal) => {
    if (refusal === null) expect(() => checkSound(sound)).not.toThrow();
    else expect(() => checkSound(sound)).toThrow(expect.objectContaining({ kind: refusal }));
  });
});

describe('windows, as the server cuts them', () => {
  // ml.sound.window_starts of the same numbers.
  test.each<[number, Partial<SoundSpec>, number[]]>([
    [16_000, {}, [0]],
    [48_000, {}, [0]],
    [59_999, {}, [0]],
    [60_000, {}, [0, 12_000]],
    [72_000, {}, [0, 24_000]],
    [100_000, {}, [0, 24_000, 48_000]],
    [80_000, {}, [0, 24_000]],
    [110_000, {}, [0, 24_000, 48_000, 62_000]],
    [1_000_000, { max_windows: 4 }, [0, 317_333, 634_666, 952_000]],
    [1_000_000, { max_windows: 1 }, [0]],
  ])('of %i samples', (n, change, starts) => {
    expect(windowStarts(n, { ...SPEC, ...change })).toEqual(starts);
  });

  test('what is shorter is filled up with silence, where the card asks for it', () => {
    const { samples } = tone(1);
    const [padded] = windows(samples, SPEC);
    expect(padded?.samples).toHaveLength(48_000);
    expect(padded?.samples.subarray(0, 16_000)).toEqual(samples);
    expect(padded?.samples.subarray(16_000).every((sample) => sample === 0)).toBe(true);
    expect(windows(samples, { ...SPEC, pad: false })[0]?.samples).toHaveLength(16_000);
  });

  test('a longer sound is cut, not padded', () => {
    const { samples } = tone(5.5);
    const cuts = windows(samples, SPEC);
    expect(cuts.map(({ start }) => start)).toEqual([0, 24_000, 40_000]);
    expect(cuts[2]?.samples).toEqual(samples.slice(40_000));
  });
});

/** A browser that decodes what is given to it here. */
function browser(decode: (rate: number) => Partial<AudioBuffer> | Error): number[] {
  const rates: number[] = [];
  class Context {
    constructor(_channels: number, _length: number, readonly rate: number) {
      if (rate < 8000) throw new DOMException('no', 'NotSupportedError');
      rates.push(rate);
    }
    decodeAudioData(): Promise<Partial<AudioBuffer>> {
      const result = decode(this.rate);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    }
  }
  vi.stubGlobal('OfflineAudioContext', Context);
  return rates;
}

function buffer(rate: number, ...channels: Float32Array<ArrayBuffer>[]): Partial<AudioBuffer> {
  const length = channels[0]?.length ?? 0;
  return {
    ...{ sampleRate: rate, length, duration: length / rate, numberOfChannels: channels.length },
    getChannelData: (channel) => channels[channel] ?? new Float32Array(length),
  };
}

describe('files', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('channels are averaged, at the rate the file has', async () => {
    const [left, right] = [tone(3).samples, tone(3, 0.1).samples];
    const rates = browser((rate) => buffer(rate, left, right));
    const sound = await decodeFile(new Blob([encodeWav({ ...tone(2), rate: 44_100 })]));
    expect(rates).toEqual([44_100]);
    expect(sound.rate).toBe(44_100);
    expect(sound.samples[7]).toBeCloseTo(((left[7] as number) + (right[7] as number)) / 2, 6);
  });

  test.each<[string, Blob, Partial<AudioBuffer> | Error, string]>([
    ['over 25 MB', new Blob([new Uint8Array(MAX_BYTES + 1)]), buffer(RATE), 'too-large'],
    ['over ten minutes', new Blob(['x']), { ...buffer(8000), duration: 601 }, 'too-large'],
    ['not a sound', new Blob(['hello']), new DOMException('no', 'EncodingError'), 'undecodable'],
    ['not numbers', new Blob(['x']), buffer(RATE, made(2, () => NaN).samples), 'undecodable'],
    ['silence', new Blob(['x']), buffer(RATE, made(2, () => 0).samples), 'silent'],
  ])('%s', async (_name, file, result, kind) => {
    browser(() => result);
    await expect(decodeFile(file)).rejects.toMatchObject({ kind });
  });

  test.each([
    ['a.mp3', 'audio/mpeg', true],
    ['clip.mp4', 'video/mp4', true],
    ['voice.m4a', '', true],
    ['photo.heic', '', false],
    ['notes.txt', 'text/plain', false],
  ])('%s may be a sound: %s', (name, type, verdict) => {
    expect(mayBeSound({ name, type })).toBe(verdict);
  });
});

test('a WAV of ours reads back within half a step of 16 bits', () => {
  const sound = tone(1, 1);
  const { samples, rate } = parseWav(new Uint8Array(encodeWav(sound)));
  expect(rate).toBe(RATE);
  samples.forEach((sample, i) => expect(Math.abs(sample - (sound.samples[i] as number))).toBeLessThan(1 / 32_000));
});
