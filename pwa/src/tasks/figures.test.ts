import { expect, test } from 'vitest';
import type { Row } from '../store/rows';
import { byMaterial, byMonth } from './figures';

const row = (captured_at: string, label: string | null): Row => ({
  ...{ id: captured_at, task: 'waste', captured_at, department: null, territory: null, said: null },
  correction: label === null ? null : { label, before: null, at: 0 },
  ...{ deleted: false, upload: 'sent', told: null, refused: null, owner: null, server: null },
});

const rows = [
  row('2026-11-20T12:00:00Z', 'verre'),
  row('2026-11-02T12:00:00Z', 'verre'),
  row('2026-10-15T12:00:00Z', 'papier'),
  row('2026-10-15T13:00:00Z', null),
];

test('materials are counted, most frequent first; "unsure" is none', () => {
  expect(byMaterial(rows)).toEqual([
    { key: 'verre', n: 2 },
    { key: 'papier', n: 1 },
  ]);
});

test('months are counted, the latest first', () => {
  expect(byMonth(rows)).toEqual([
    { key: '2026-11', n: 2 },
    { key: '2026-10', n: 2 },
  ]);
});
