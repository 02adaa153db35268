import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Microphone } from './microphone';

vi.mock('./pcm.worklet.ts?worker&url', () => ({ default: '/pcm.js' }));

class Track extends EventTarget {
  readyState = 'live';
  muted = false;
  stop = (): void => void (this.readyState = 'ended');
}

let track: Track;
let asked: MediaStreamConstraints[];
let ports: { onmessage: ((event: { data: Float32Array }) => void) | null }[];
let open: number;
let ask: () => Promise<object>;

beforeEach(() => {
  [track, asked, ports, open] = [new Track(), [], [], 0];
  ask = () => Promise.resolve({ getTracks: () => [track], getAudioTracks: () => [track] });
  class Node {
    port = { onmessage: null };
    connect = <T>(next: T): T => next;
  }
  class Worklet extends Node {
    constructor() {
      super();
      ports.push(this.port);
    }
  }
  class Context {
    sampleRate = 1000;
    destination = {};
    audioWorklet = { addModule: () => Promise.resolve() };
    constructor() {
      open++;
    }
    resume = () => Promise.resolve();
    close(): Promise<void> {
      open--;
      return Promise.resolve();
    }
  }
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('AudioWorklet', Map); // only asked whether it is there
  vi.stubGlobal('AudioContext', Context);
  vi.stubGlobal('AnalyserNode', Node);
  vi.stubGlobal('AudioWorkletNode', Worklet);
  vi.stubGlobal('MediaStreamAudioSourceNode', Node);
  vi.stubGlobal('navigator', {
    mediaDevices: {
      getUserMedia: (constraints: MediaStreamConstraints) => {
        asked.push(constraints);
        return ask();
      },
    },
  });
});

afterEach(() => vi.unstubAllGlobals());

async function start(): Promise<Microphone> {
  const { startMicrophone } = await import('./microphone');
  const microphone = await startMicrophone();
  if (microphone.kind !== 'live') throw new Error(microphone.kind);
  return microphone;
}

const hear = (...blocks: number[][]): void => {
  for (const block of blocks) ports[0]?.onmessage?.({ data: Float32Array.from(block) });
};

describe('a microphone', () => {
  test('hands out what it heard, as it came, and is given back', async () => {
    const microphone = await start();
    hear([0.1, -0.5], [0.25, 0.25]);
    expect([microphone.level.value, microphone.seconds.value]).toEqual([0.25, 0.004]);
    const { samples, rate } = await microphone.stop();
    expect([[...samples], rate]).toEqual([[0.1, -0.5, 0.25, 0.25].map(Math.fround), 1000]);
    expect([track.readyState, open]).toEqual(['ended', 0]);
    expect(asked[0]?.audio).toMatchObject({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });
  });

  test('keeps at most a minute, and goes on showing its level', async () => {
    const microphone = await start();
    hear(new Array<number>(59_999).fill(0.1), [0.2, 0.9, 0.9], [0.3]);
    expect(microphone.seconds.value).toBe(60);
    expect(microphone.level.value).toBeCloseTo(0.3);
    expect((await microphone.stop()).samples).toHaveLength(60_000);
  });

  test('a call takes it away for a while; unplugged, it is gone, and what was heard stays', async () => {
    const microphone = await start();
    hear([0.5]);
    track.muted = true;
    track.dispatchEvent(new Event('mute'));
    expect(microphone.lost.value).toBe(true);
    track.muted = false;
    track.dispatchEvent(new Event('unmute'));
    expect(microphone.lost.value).toBe(false);
    track.readyState = 'ended';
    track.dispatchEvent(new Event('ended'));
    expect(microphone.lost.value).toBe(true);
    expect((await microphone.stop()).samples).toHaveLength(1);
  });

  test('cancelled, it is given back too', async () => {
    (await start()).cancel();
    expect([track.readyState, open]).toEqual(['ended', 0]);
  });
});

test.each([
  ['NotAllowedError', 'denied'],
  ['NotFoundError', 'missing'],
  ['NotReadableError', 'taken'],
])('%s is "%s"', async (name, kind) => {
  ask = () => Promise.reject(new DOMException('', name));
  const { startMicrophone } = await import('./microphone');
  expect(await startMicrophone()).toEqual({ kind });
  expect(open).toBe(0);
});

test('a page that did not come by HTTPS has no microphone', async () => {
  vi.stubGlobal('navigator', {});
  vi.stubGlobal('isSecureContext', false);
  const { startMicrophone } = await import('./microphone');
  expect(await startMicrophone()).toEqual({ kind: 'insecure' });
});
