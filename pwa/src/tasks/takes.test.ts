import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Sound } from '../capture/sound';
import { parseWav } from '../capture/wav.fake';
import { stretch } from '../capture/resample';
import type { Answer, Opinion, SoundAnswer, SoundTask } from './task';

const top = [{ label: 'jazz', score: 0.8 }, { label: 'blues', score: 0.1 }, { label: 'rock', score: 0.1 }];
const answer: Extract<Answer, { kind: 'label' }> = {
  ...{ kind: 'label', label: 'jazz', score: 0.8, top },
  ...{ origin: 'device', version: '1', sha256: 'ab', latency_ms: 9 },
};
const net: Opinion = { kind: 'said', engine: 'net', answer, windows: [] };
const svm: Opinion = { ...net, engine: 'svm', answer: { ...answer, label: 'blues', origin: 'server' } };
const heard: SoundAnswer = { ...answer, windows: [], engines: [net] };

let here: (sound: Sound) => Promise<SoundAnswer>;
let there: () => Promise<readonly Opinion[]>;
vi.mock('./listen', async (original) => ({
  ...(await original<typeof import('./listen')>()),
  listen: (_task: SoundTask, sound: Sound) => here(sound),
  askEngines: () => there(),
}));
vi.mock('../infer/bridge', () => ({
  bridge: {
    resample: (sound: Sound, rate: number, start: number, count: number) =>
      Promise.resolve(stretch(sound, rate, start, count)),
  },
}));

type Takes = typeof import('./takes');
let takes: Takes;
let consents: typeof import('./consents');
let outbox: typeof import('../store/outbox');
let db: typeof import('../store/db');

beforeEach(async () => {
  vi.resetModules();
  vi.stubGlobal('indexedDB', new IDBFactory());
  Reflect.deleteProperty(globalThis, 'BroadcastChannel');
  here = () => Promise.resolve(heard);
  there = () => Promise.resolve([{ ...net, answer: { ...answer, origin: 'server' } }, svm]);
  [takes, consents, outbox, db] = await Promise.all([
    import('./takes'),
    import('./consents'),
    import('../store/outbox'),
    import('../store/db'),
  ]);
});

const tone = (seconds: number): Sound => ({
  samples: Float32Array.from({ length: seconds * 16_000 }, (_, i) => 0.5 * Math.sin(i / 3)),
  rate: 16_000,
});

const newest = () => {
  const take = takes.takes.value[0];
  if (take === undefined) throw new Error('no take');
  return take;
};

async function answered(task: SoundTask, seconds = 2): Promise<void> {
  takes.addRecording(task, tone(seconds));
  await vi.waitFor(() => expect(takes.runningTakes.value).toBe(0));
}

const kept = (): number => outbox.history.value.length;

describe('a song', () => {
  test('is kept where that is allowed: its middle, as WAV, with the answer', async () => {
    await consents.decideConsents(true, false);
    await answered('genre', 40);
    await vi.waitFor(() => expect(kept()).toBe(1));
    expect(outbox.history.value[0]).toMatchObject({ task: 'genre', media: 'audio/wav', said: { label: 'jazz' } });
    const copy = parseWav(new Uint8Array((await db.photoOf(newest().id)) ?? new ArrayBuffer(0)));
    expect([copy.samples.length, copy.rate]).toEqual([30 * 16_000, 16_000]);
  });

  test('is kept from the screen once the person allows it, with their word', async () => {
    await answered('genre');
    expect(kept()).toBe(0);
    takes.choose(newest(), 'blues');
    await consents.decideConsents(true, false);
    expect(outbox.history.value[0]).toMatchObject({ correction: { label: 'blues' } });
    takes.takeBack(newest());
    await vi.waitFor(() => expect(takes.wishOf(newest())).toBeNull());
  });
});

describe('a voice', () => {
  test('is not kept, whatever is allowed', async () => {
    await consents.decideConsents(true, true);
    await answered('emotion');
    takes.choose(newest(), 'fear');
    await consents.decideConsents(true, true);
    expect(kept()).toBe(0);
  });

  test('is kept once its person corrected it and agreed to send this very one', async () => {
    await consents.decideConsents(true, true);
    await answered('emotion');
    await takes.agreeToSend(newest());
    expect(kept()).toBe(0);
    takes.choose(newest(), 'fear');
    await takes.agreeToSend(newest());
    expect(outbox.history.value[0]).toMatchObject({ task: 'emotion', correction: { label: 'fear' } });
  });

  test('waits for consent where there is none yet', async () => {
    await answered('emotion');
    takes.choose(newest(), 'fear');
    await takes.agreeToSend(newest());
    expect(kept()).toBe(0);
    await consents.decideConsents(true, false);
    expect(kept()).toBe(1);
  });
});

describe('second opinions', () => {
  test('join the answer, which stays; the net is not heard twice', async () => {
    await answered('genre');
    await takes.askOthers(newest());
    const { progress, others } = newest();
    expect(others).toBe('asked');
    expect(progress.kind === 'answered' && progress.answer.engines).toEqual([net, svm]);
    expect(progress.kind === 'answered' && progress.answer.kind === 'label' && progress.answer.label).toBe('jazz');
  });

  test('can be asked for again where an engine was still opening', async () => {
    await answered('genre');
    there = () => Promise.resolve([{ kind: 'failed', engine: 'svm', problem: 'busy' }]);
    await takes.askOthers(newest());
    expect(newest().others).toBe('busy');
  });

  test('without a network there are none, and that is said', async () => {
    await answered('genre');
    const { OfflineError } = await import('../api/client');
    there = () => Promise.reject(new OfflineError(null));
    await takes.askOthers(newest());
    expect(newest().others).toBe('no-answer');
    expect(newest().progress.kind).toBe('answered');
  });
});

test('removed while it is heard, it stops and comes to nothing', async () => {
  let stop: (error: Error) => void = () => undefined;
  here = () => new Promise((_, reject) => (stop = reject));
  takes.addRecording('genre', tone(2));
  await vi.waitFor(() => expect(newest().progress.kind).toBe('listening'));
  takes.remove(newest().id);
  stop(new DOMException('', 'AbortError'));
  here = () => Promise.resolve(heard);
  await answered('genre');
  expect(takes.takes.value).toHaveLength(1);
});

test('what is no sound is said so, and nothing is tried', () => {
  takes.addFiles('genre', [new File(['x'], 'notes.txt', { type: 'text/plain' })]);
  expect(newest().progress).toEqual({ kind: 'failed', failure: 'not-sound' });
});

test.each<[string, () => Promise<Error>]>([
  ['no-music', async () => new (await import('../capture/sound')).SoundError('no-music')],
  ['no-model', async () => new (await import('./models')).ModelError('offline', '')],
  ['no-answer', async () => new (await import('../api/client')).OfflineError(null)],
  ['busy', async () => new (await import('../api/client')).ProblemError('busy', 503, '')],
  ['other', async () => new (await import('../api/client')).ProblemError('something-new', 418, '')],
])('"%s" is told by that name', async (failure, error) => {
  const reason = await error();
  here = () => Promise.reject(reason);
  await answered('genre');
  expect(newest().progress).toEqual({ kind: 'failed', failure });
});
