import { expect, test } from 'vitest';
import { answerOf } from './recognise';

const top = [
  { label: 'verre', score: 0.5 },
  { label: 'plastique', score: 0.3 },
  { label: 'metal', score: 0.1 },
];

const rest = { windows: [], latency_ms: 7.1, problem: null };

test('a label of the server is an answer of the server', () => {
  const entry = { engine: 'net', version: '1', label: 'verre', score: 0.9, unsure: false, top, ...rest };
  expect(answerOf({ task: 'waste', answers: [entry], container: null })).toEqual({
    kind: 'label',
    label: 'verre',
    score: 0.9,
    top,
    origin: 'server',
    version: '1',
    sha256: null,
    latency_ms: 7.1,
  });
});

test('no label is "unsure", with the three likeliest', () => {
  const entry = { engine: 'net', version: '1', label: null, score: 0.5, unsure: true, top, ...rest };
  const answer = answerOf({ task: 'waste', answers: [entry], container: null });
  expect(answer).toMatchObject({ kind: 'unsure', top });
});

test('an engine that failed is no answer', () => {
  const entry = { engine: 'net', version: '', label: null, score: 0, unsure: true, top: [], ...rest };
  const failed = { ...entry, problem: 'no-model' };
  expect(() => answerOf({ task: 'waste', answers: [failed], container: null })).toThrow(
    expect.objectContaining({ slug: 'no-model' }),
  );
});
