import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ProblemError } from '../api/client';
import type { Sound } from '../capture/resample';
import { stretch } from '../capture/resample';
import { parseWav } from '../capture/wav.fake';
import { askEngines, listen, listenThere, middle } from './listen';
import type { Entry } from './models';

const LABELS = ['anger', 'disgust', 'fear', 'happiness'];

/** What the net says of each window, in turn, and what it was given. */
let says: { scores: number[]; presence: number }[];
let given: Float32Array[];
let entry: Entry | null;
vi.mock('../infer/bridge', () => ({
  bridge: {
    resample: (sound: Sound, rate: number, start: number, count: number) =>
      Promise.resolve(stretch(sound, rate, start, count)),
    run: (_sha256: string, input: Float32Array, _bytes: unknown, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      given.push(input);
      const { scores, presence } = says[(given.length - 1) % says.length] ?? { scores: [], presence: 1 };
      return Promise.resolve({ scores: Float32Array.from(scores), presence });
    },
  },
}));
vi.mock('./models', async (original) => ({
  ...(await original<typeof import('./models')>()),
  modelOf: () => ({ entry: { value: entry } }),
  whenReady: () => Promise.resolve(entry),
}));

let asked: { path: string; file: Blob }[];
let serverSays: () => Response;

beforeEach(() => {
  [given, asked] = [[], []];
  says = [{ scores: [0.7, 0.1, 0.1, 0.1], presence: 0.9 }];
  const input = { kind: 'sound', shape: [1, 1600], sample_rate: 800, hop: 800, max_windows: 5, pad: true };
  const output = { labels: LABELS, aggregate: 'mean', threshold: 0.5, presence: 0.5 };
  const card = { task: 'emotion', engine: 'net', input, output };
  entry = { task: 'emotion', engine: 'net', version: '2026.48.1', sha256: 'ab', card } as unknown as Entry;
  vi.stubGlobal('document', { cookie: '' });
  vi.stubGlobal('fetch', (path: string, { body }: { body: FormData }) => {
    asked.push({ path, file: body.get('file') as Blob });
    return Promise.resolve(serverSays());
  });
});

const tone = (seconds: number, rate = 800): Sound => ({
  samples: Float32Array.from({ length: seconds * rate }, (_, i) => 0.5 * Math.sin(i / 3)),
  rate,
});

describe('listen', () => {
  test('the answer is the mean over the windows, and each window is told', async () => {
    says = [
      { scores: [0.9, 0.1, 0, 0], presence: 0.9 },
      { scores: [0.3, 0.5, 0.2, 0], presence: 0.2 },
    ];
    const progress: string[] = [];
    const answer = await listen('emotion', tone(3), { onProgress: (done, all) => progress.push(`${done}/${all}`) });
    expect(answer).toMatchObject({ kind: 'label', label: 'anger', origin: 'device', version: '2026.48.1' });
    expect(answer.kind === 'label' && answer.score).toBeCloseTo(0.6, 6);
    expect(answer.windows.map(({ start_s, end_s, top }) => [start_s, end_s, top[0]?.label])).toEqual([
      [0, 2, 'anger'],
      [1, 3, 'disgust'],
    ]);
    expect(answer.engines).toMatchObject([{ kind: 'said', engine: 'net' }]);
    expect(progress).toEqual(['0/2', '1/2', '2/2']);
  });

  test('under the threshold it is unsure', async () => {
    says = [{ scores: [0.4, 0.3, 0.2, 0.1], presence: 1 }];
    expect((await listen('emotion', tone(2))).kind).toBe('unsure');
  });

  test('without a voice there is nothing to recognise', async () => {
    says = [{ scores: [0.9, 0.1, 0, 0], presence: 0.49 }];
    await expect(listen('emotion', tone(2))).rejects.toMatchObject({ kind: 'no-speech' });
  });

  test('what is short is filled up, and its window ends where it ends', async () => {
    const answer = await listen('emotion', tone(1.5));
    expect(given[0]).toHaveLength(1600);
    expect(given[0]?.subarray(1200).every((sample) => sample === 0)).toBe(true);
    expect(answer.windows).toMatchObject([{ start_s: 0, end_s: 1.5 }]);
  });

  test('of another rate, the net gets its own, and a long sound is heard in so many windows', async () => {
    await listen('emotion', tone(60, 1600));
    expect(given).toHaveLength(5);
    expect(new Set(given.map(({ length }) => length))).toEqual(new Set([1600]));
  });

  test('silence does not reach the net', async () => {
    const silence = { samples: new Float32Array(1600), rate: 800 };
    await expect(listen('emotion', silence)).rejects.toMatchObject({ kind: 'silent' });
    expect(given).toEqual([]);
  });

  test('given up, it stops', async () => {
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(listen('emotion', tone(2), { signal })).rejects.toThrow('never mind');
  });
});

const top = LABELS.slice(0, 3).map((label) => ({ label, score: 0.3 }));
const said = (engine: string, label: string | null): object => ({
  ...{ engine, version: '1', label, score: 0.9, unsure: label === null, top, latency_ms: 5, problem: null },
  windows: [{ start_s: 0, end_s: 3, top }],
});

describe('the server’s engines', () => {
  test('a long sound is sent as a WAV of its middle, and the windows say where that was', async () => {
    serverSays = () => Response.json({ task: 'emotion', answers: [said('net', 'fear'), said('logreg', null)] });
    const opinions = await askEngines('emotion', tone(140));
    expect(asked.map(({ path }) => path)).toEqual(['/api/tasks/emotion/recognise/']);
    const { samples, rate } = parseWav(new Uint8Array(await (asked[0] as { file: Blob }).file.arrayBuffer()));
    expect([samples.length, rate]).toEqual([120 * 800, 800]);
    expect(opinions).toMatchObject([
      { engine: 'net', answer: { kind: 'label', label: 'fear', origin: 'server' }, windows: [{ start_s: 10, end_s: 13 }] },
      { engine: 'logreg', answer: { kind: 'unsure' } },
    ]);
  });

  test('one that fails does not hide the others', async () => {
    const failed = { ...said('net', null), problem: 'no-model' };
    serverSays = () => Response.json({ task: 'emotion', answers: [failed, said('logreg', 'fear')] });
    const answer = await listenThere('emotion', new Blob(['x']));
    expect(answer).toMatchObject({ kind: 'label', label: 'fear' });
    expect(answer.engines[0]).toEqual({ kind: 'failed', engine: 'net', problem: 'no-model' });
  });

  test.each([
    ['no-speech', 422, 'no-speech'],
    ['silent-sound', 422, 'silent'],
    ['unsupported-sound', 415, 'undecodable'],
  ])('%s is a refusal by name', async (slug, status, kind) => {
    serverSays = () =>
      Response.json({ type: `/problems/${slug}` }, { status, headers: { 'content-type': 'application/problem+json' } });
    await expect(listenThere('emotion', new Blob(['x']))).rejects.toMatchObject({ kind });
  });

  test('too busy is no refusal', async () => {
    serverSays = () => new Response('', { status: 503 });
    await expect(listenThere('emotion', new Blob(['x']))).rejects.toBeInstanceOf(ProblemError);
  });
});

test('the middle of what is short enough is all of it', () => {
  expect(middle(tone(3), 5)).toMatchObject({ from_s: 0, part: { samples: { length: 2400 } } });
});
