/** One recording at a time: started by a tap, ended by another, by its limit, or by a microphone that is gone. */
import { effect, signal } from '@preact/signals';
import { startMicrophone, type Microphone, type MicrophoneProblem } from '../capture/microphone';
import { MIN_S } from '../capture/sound';
import { t } from '../i18n';
import { addRecording } from '../tasks/takes';
import type { SoundTask } from '../tasks/task';
import { announce } from './announce';

export type Recording =
  | { readonly kind: 'off' | 'starting' | MicrophoneProblem['kind'] }
  | { readonly kind: 'live'; readonly microphone: Microphone }
  /** The microphone stopped by itself; `heard` says whether there was enough to be analysed. */
  | { readonly kind: 'lost'; readonly heard: boolean };

/** After so many seconds a recording ends by itself: more says no more. */
export const LIMIT_S: Readonly<Record<SoundTask, number>> = { genre: 30, emotion: 10 };

export const recording = signal<Recording>({ kind: 'off' });

let unwatch = (): void => undefined;

export async function startRecording(task: SoundTask): Promise<void> {
  if (recording.value.kind === 'live' || recording.value.kind === 'starting') return;
  recording.value = { kind: 'starting' };
  const microphone = await startMicrophone();
  if (!isStarting()) {
    if (microphone.kind === 'live') microphone.cancel(); // given up meanwhile
    return;
  }
  recording.value = microphone.kind === 'live' ? { kind: 'live', microphone } : microphone;
  if (microphone.kind !== 'live') return;
  announce(t().listen.started);
  unwatch = effect(() => {
    const { lost, seconds } = microphone;
    if (lost.value) queueMicrotask(() => void lose(task));
    else if (seconds.value >= LIMIT_S[task]) queueMicrotask(() => void stopRecording(task));
  });
}

function isStarting(): boolean {
  return recording.value.kind === 'starting';
}

/** Enough was heard: it is analysed. */
export async function stopRecording(task: SoundTask): Promise<void> {
  const microphone = taken();
  if (microphone === null) return;
  recording.value = { kind: 'off' };
  announce(t().listen.stopped);
  addRecording(task, await microphone.stop());
}

/** It is thrown away, as if it had never been. */
export function cancelRecording(): void {
  taken()?.cancel();
  recording.value = { kind: 'off' };
}

async function lose(task: SoundTask): Promise<void> {
  const microphone = taken();
  if (microphone === null) return;
  const heard = microphone.seconds.value >= MIN_S;
  recording.value = { kind: 'lost', heard };
  if (heard) addRecording(task, await microphone.stop());
  else microphone.cancel();
}

/** The live microphone, which from now on nobody watches. */
function taken(): Microphone | null {
  unwatch();
  unwatch = () => undefined;
  return recording.value.kind === 'live' ? recording.value.microphone : null;
}
