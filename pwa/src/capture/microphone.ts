/** getUserMedia → AudioWorklet → samples, as they come: nothing is cleaned, nothing is kept. */
import { signal, type ReadonlySignal } from '@preact/signals';
import worklet from './pcm.worklet.ts?worker&url';
import type { Sound } from './resample';

export interface MicrophoneProblem {
  readonly kind: 'denied' | 'missing' | 'taken' | 'insecure';
}

/** A microphone that records. `stop` or `cancel` gives it back; one of them must be called. */
export interface Microphone {
  readonly kind: 'live';
  /** The loudest sample of the last twentieth of a second, 0..1. */
  readonly level: ReadonlySignal<number>;
  /** For a live spectrogram. */
  readonly analyser: AnalyserNode;
  /** How much is recorded; it stays at MAX_RECORDED_S. */
  readonly seconds: ReadonlySignal<number>;
  /** True once the device is gone, and while something else (a call) has it: what was heard stays. */
  readonly lost: ReadonlySignal<boolean>;
  /** What was heard, at the microphone's own rate, unchecked: it may be empty. */
  stop(): Promise<Sound>;
  cancel(): void;
}

export const MAX_RECORDED_S = 60;

/** What calls want of a microphone would take from a song, and from a voice, what is listened for. */
const RAW: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: { ideal: 1 },
};

/** Begin to record. Asks for permission where it has to; call it from a tap. */
export async function startMicrophone(): Promise<Microphone | MicrophoneProblem> {
  if (!('mediaDevices' in navigator) || !('AudioWorklet' in globalThis)) {
    return { kind: isSecureContext ? 'missing' : 'insecure' };
  }
  const context = new AudioContext(); // in the tap itself: Safari lets it sound only then
  let stream: MediaStream | undefined;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: RAW, video: false });
    await Promise.all([context.resume(), context.audioWorklet.addModule(worklet)]);
    return record(context, stream);
  } catch (error) {
    release(context, stream);
    return { kind: problemOf(error) };
  }
}

function problemOf(error: unknown): MicrophoneProblem['kind'] {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'missing' : 'taken';
}

function record(context: AudioContext, stream: MediaStream): Microphone {
  const blocks: Float32Array<ArrayBuffer>[] = [];
  const [level, seconds] = [signal(0), signal(0)];
  const most = MAX_RECORDED_S * context.sampleRate;
  let recorded = 0;

  const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
  const pcm = new AudioWorkletNode(context, 'pcm', {
    channelCount: 1,
    channelCountMode: 'explicit',
    channelInterpretation: 'speakers',
  });
  // Through to the loudspeaker, where nothing arrives: some browsers let only what ends there run.
  new MediaStreamAudioSourceNode(context, { mediaStream: stream })
    .connect(analyser)
    .connect(pcm)
    .connect(context.destination);

  pcm.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => {
    level.value = data.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    if (recorded === most) return;
    const block = data.subarray(0, most - recorded);
    blocks.push(block);
    recorded += block.length;
    seconds.value = recorded / context.sampleRate;
  };

  const end = (): void => {
    pcm.port.onmessage = null;
    release(context, stream);
  };
  return {
    ...{ kind: 'live', level, seconds, analyser },
    lost: watched(stream),
    stop: () => {
      end();
      return Promise.resolve({ samples: joined(blocks, recorded), rate: context.sampleRate });
    },
    cancel: end,
  };
}

/** Whether the microphone is gone, or taken away for a while. */
function watched(stream: MediaStream): ReadonlySignal<boolean> {
  const lost = signal(false);
  for (const track of stream.getAudioTracks()) {
    const look = (): void => {
      lost.value = track.readyState === 'ended' || track.muted;
    };
    for (const event of ['ended', 'mute', 'unmute']) track.addEventListener(event, look);
  }
  return lost;
}

function joined(blocks: readonly Float32Array[], length: number): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(length);
  let at = 0;
  for (const block of blocks) {
    whole.set(block, at);
    at += block.length;
  }
  return whole;
}

function release(context: AudioContext, stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
  void context.close();
}
