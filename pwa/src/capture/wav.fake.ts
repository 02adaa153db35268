/** For tests: what decodeAudioData does with a WAV of 16 bits, one channel. */
import type { Sound } from './resample';

export function parseWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = Float32Array.from({ length: (bytes.byteLength - 44) / 2 }, (_, i) => view.getInt16(44 + 2 * i, true) / 32_768);
  return { samples, rate: view.getUint32(24, true) };
}
