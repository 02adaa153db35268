/** The page's side of the worker: one worker for one sound, gone once it has answered. */
import type { Sound } from '../capture/resample';
import type { Drawn, Spectra } from './spectra';

/** Rejects where the browser could not, and when `abort` says so. */
export function spectraOf(sound: Sound, abort: AbortSignal): Promise<Spectra> {
  const worker = new Worker(new URL('./spectra.worker.ts', import.meta.url));
  const done = new Promise<Spectra>((resolve, reject) => {
    abort.addEventListener('abort', () => reject(abort.reason as Error), { once: true });
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.onmessage = ({ data }: MessageEvent<Drawn>) => {
      if (data.ok) resolve(data.spectra);
      else reject(new Error(data.detail));
    };
    worker.postMessage(sound);
  });
  return done.finally(() => worker.terminate());
}
