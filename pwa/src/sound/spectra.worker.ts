/** Draws up the spectra of one sound, off the page. */
import { resample, type Sound } from '../capture/resample';
import { RATE, spectra, type Drawn } from './spectra';

self.onmessage = ({ data }: MessageEvent<Sound>) => {
  try {
    const drawn = spectra(resample(data, RATE));
    const { stft, mel, mfcc, zcr } = drawn;
    const handover = [stft, mel, mfcc, zcr].map(({ values }) => values.buffer);
    self.postMessage({ ok: true, spectra: drawn } satisfies Drawn, { transfer: handover });
  } catch (error) {
    // Out of memory, most likely.
    self.postMessage({ ok: false, detail: String(error) } satisfies Drawn);
  }
};
