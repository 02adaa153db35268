import { describe, expect, test } from 'vitest';
import { decide } from './task';

const output = { labels: ['bois', 'carton', 'verre', 'autre'], aggregate: 'mean', threshold: 0.6 } as const;
const from = { origin: 'device', version: '2026.47.1', sha256: 'ab', latency_ms: 7 } as const;

describe('decide', () => {
  test('names the likeliest label from the threshold on', () => {
    expect(decide([0.1, 0.2, 0.6, 0.1], output, from)).toEqual({
      kind: 'label',
      label: 'verre',
      score: 0.6,
      top: [
        { label: 'verre', score: 0.6 },
        { label: 'carton', score: 0.2 },
        { label: 'bois', score: 0.1 },
      ],
      ...from,
    });
  });

  test('under the threshold it is unsure, and still gives three', () => {
    const answer = decide([0.3, 0.1, 0.59, 0.01], output, from);
    expect(answer.kind).toBe('unsure');
    expect(answer.top.map(({ label }) => label)).toEqual(['verre', 'bois', 'carton']);
  });

  test('equal scores keep the order of the labels, as the server does', () => {
    const { top } = decide([0.25, 0.25, 0.25, 0.25], output, from);
    expect(top.map(({ label }) => label)).toEqual(['bois', 'carton', 'verre']);
  });
});
