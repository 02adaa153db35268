/** A waveform as a WAV file: 16 bit, mono, and not a word about who recorded it, where or when. */
import type { Sound } from './resample';

const HEADER_BYTES = 44;

export function encodeWav({ samples, rate }: Sound): ArrayBuffer {
  const bytes = new ArrayBuffer(HEADER_BYTES + 2 * samples.length);
  const view = new DataView(bytes);
  const word = (at: number, ascii: string): void => {
    for (let i = 0; i < ascii.length; i++) view.setUint8(at + i, ascii.charCodeAt(i));
  };
  word(0, 'RIFF');
  view.setUint32(4, bytes.byteLength - 8, true);
  word(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // whole numbers
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  for (let i = 0; i < samples.length; i++) {
    const sample = Math.min(1, Math.max(-1, samples[i] as number));
    view.setInt16(HEADER_BYTES + 2 * i, Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))), true);
  }
  return bytes;
}
