import { expect, test } from 'vitest';
import { rateOf } from './rate';

const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
const zeros = (n: number): number[] => new Array<number>(n).fill(0);
const be = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const le = (value: number): number[] => be(value).reverse();

const wav = (rate: number): number[] => [
  ...ascii('RIFF'), ...zeros(4), ...ascii('WAVE'), ...ascii('LIST'), ...le(4), ...zeros(4),
  ...ascii('fmt '), ...le(16), 1, 0, 1, 0, ...le(rate), ...zeros(16),
];
const flac = [...ascii('fLaC'), ...zeros(14), ...be((96_000 << 12) >>> 0), ...zeros(8)];
const vorbis = [...ascii('OggS'), ...zeros(24), 1, ...ascii('vorbis'), ...zeros(4), 2, ...le(44_100), ...zeros(8)];
const opus = [...ascii('OggS'), ...zeros(24), ...ascii('OpusHead'), 1, 1, 0, 0, ...le(16_000)];
const m4a = [...zeros(4), ...ascii('ftypM4A '), ...zeros(40), ...ascii('mp4a'), ...zeros(24), 0xac, 0x44, 0, 0, ...zeros(4)];
const mp3 = (version: number, rate: number): number[] => [0xff, version, rate, 0];
const tagged = [...ascii('ID3'), 4, 0, 0, 0, 0, 1, 2, ...zeros(130), ...mp3(0xfb, 0x90), ...zeros(8)];

test.each<[string, number[], number | null]>([
  ['WAV, its format behind another chunk', wav(22_050), 22_050],
  ['WAV of an odd rate', wav(44_056), null],
  ['FLAC', flac, 96_000],
  ['Ogg Vorbis', vorbis, 44_100],
  ['Ogg Opus of something else', opus, 48_000],
  ['WebM', [0x1a, 0x45, 0xdf, 0xa3, ...zeros(60)], 48_000],
  ['M4A', m4a, 44_100],
  ['MP3', mp3(0xfb, 0x94), 48_000],
  ['MP3 of MPEG 2', mp3(0xf3, 0x80), 22_050],
  ['MP3 behind a tag', tagged, 44_100],
  ['a text', ascii('hello, this is no sound'), null],
  ['nothing', [], null],
  ['a cut WAV', wav(22_050).slice(0, 30), null],
])('%s', (_name, bytes, rate) => {
  expect(rateOf(Uint8Array.from(bytes))).toBe(rate);
});
