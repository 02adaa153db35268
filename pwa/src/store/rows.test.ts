import { describe, expect, test } from 'vitest';
import type { Capture } from '../api/types';
import {
  erased,
  fateOf,
  labelOf,
  merged,
  nextStep,
  retried,
  undoLeft,
  UNDO_MS,
  withoutWish,
  withWish,
  type Row,
} from './rows';

const NOW = 1_764_000_000_000;

const row: Row = {
  id: 'a',
  task: 'waste',
  captured_at: '2026-11-24T08:00:00.000Z',
  department: null,
  territory: null,
  said: {
    ...{ origin: 'device', version: '1', sha256: 'f', label: 'verre', score: 0.9, latency_ms: 7 },
    top: [{ label: 'verre', score: 0.9 }],
  },
  correction: null,
  deleted: false,
  upload: 'pending',
  told: null,
  refused: null,
  owner: 'merle-sage-0001',
  server: null,
};
const sent: Row = { ...row, upload: 'sent' };

const capture: Capture = {
  ...{ id: 'a', task: 'waste', captured_at: '2026-11-24T09:00:00+01:00', department: '33' },
  ...{ territory: null, state: 'received', snapshot: null, predictions: [], correction: null },
  ...{ media_type: 'image/jpeg', size_bytes: 1, sha256: '', url: '', received_at: '' },
};
const corrected = (label: string, truth: string | null = null): Capture => ({
  ...capture,
  state: 'corrected',
  correction: { label, status: 'pending', truth, created_at: '', reviewed_at: null },
});

describe('what is left to tell', () => {
  const wish = withWish(sent, 'metal', NOW);
  test.each<[string, Row, boolean, number, string | null]>([
    ['a scan that is here only', row, true, NOW, 'upload'],
    ['one that may have arrived', { ...row, upload: 'tried' }, true, NOW, 'upload'],
    ['one that the person no longer lets be kept', row, false, NOW, null],
    ['one that is there', sent, true, NOW, null],
    ['a correction that may be taken back', wish, true, NOW + UNDO_MS - 1, null],
    ['a correction after that', wish, true, NOW + UNDO_MS, 'correct'],
    ['a correction from before the clock was set back', wish, true, NOW - 1, 'correct'],
    ['a correction the server has', { ...wish, told: 'metal' }, true, NOW + UNDO_MS, null],
    ['a correction taken back after it was told', { ...sent, told: 'metal' }, true, NOW, 'withdraw'],
    ['an erasure, also without consent', { ...sent, deleted: true }, false, NOW, 'erase'],
    ['what the server refused', { ...row, refused: { step: 'upload', slug: 'too-large' } }, true, NOW, null],
  ])('%s', (_name, state, mayKeep, now, step) => {
    expect(nextStep(state, mayKeep, now)).toBe(step);
  });
});

describe('undo', () => {
  test('goes back to the word before, and counts down', () => {
    const first = { ...withWish(sent, 'metal', NOW - UNDO_MS), told: 'metal' };
    const second = withWish(first, 'papier', NOW);
    expect(undoLeft(second.correction, NOW + 10_000)).toBe(20_000);
    const back = withoutWish(second, NOW + 10_000);
    expect(back.correction?.label).toBe('metal');
    expect(nextStep(back, true, NOW + 10_001)).toBeNull();
  });

  test('of a first word leaves none', () => {
    expect(withoutWish(withWish(sent, 'metal', NOW), NOW).correction).toBeNull();
  });

  test('is over after 30 seconds', () => {
    const wish = withWish(sent, 'metal', NOW);
    expect(withoutWish(wish, NOW + UNDO_MS)).toBe(wish);
  });
});

test('erasing what never left drops it; what may have left is erased there first', () => {
  expect(erased(row)).toBeNull();
  expect(erased({ ...row, upload: 'tried' })).toMatchObject({ deleted: true });
  expect(erased(sent)).toMatchObject({ deleted: true });
});

test('a refused photo tries again; a number that is taken gets another', () => {
  const refused = (slug: string): Row => ({ ...row, upload: 'tried', refused: { step: 'upload', slug } });
  expect(retried(refused('malformed'), () => 'b')).toMatchObject({ id: 'a', upload: 'tried', refused: null });
  expect(retried(refused('id-taken'), () => 'b')).toMatchObject({ id: 'b', upload: 'pending' });
});

describe('what the server has', () => {
  test('of another phone becomes a row, its time written as ours', () => {
    const mirrored = merged(undefined, corrected('papier', 'carton'), 'merle');
    expect(mirrored).toMatchObject({
      ...{ upload: 'sent', told: 'papier', owner: 'merle', captured_at: '2026-11-24T08:00:00.000Z' },
      ...{ correction: { label: 'papier' }, server: { state: 'corrected', truth: 'carton' } },
    });
    expect(labelOf(mirrored)).toBe('carton');
  });

  test('does not overwrite a word that was not told yet', () => {
    const wish = withWish(sent, 'metal', NOW);
    const now = merged(wish, corrected('papier'), 'merle');
    expect(now.correction?.label).toBe('metal');
    expect(nextStep(now, true, NOW + UNDO_MS)).toBe('correct');
  });

  test('brings the word of another phone, where this one has nothing new to say', () => {
    const told = { ...withWish(sent, 'metal', 0), told: 'metal' };
    expect(merged(told, corrected('papier'), 'merle').correction?.label).toBe('papier');
    expect(merged(told, capture, 'merle').correction).toBeNull();
  });

  test('leaves an erasure standing', () => {
    expect(nextStep(merged({ ...sent, deleted: true }, capture, 'merle'), true, NOW)).toBe('erase');
  });

  test('ends the refusal of an upload', () => {
    const refused: Row = { ...row, refused: { step: 'upload', slug: 'malformed' } };
    expect(merged(refused, capture, 'merle').refused).toBeNull();
  });
});

describe('what became of it', () => {
  const server = { state: 'learned', snapshot: 3, truth: null } as const;
  test.each<[Row, boolean, string]>([
    [row, true, 'waiting'],
    [row, false, 'here'],
    [{ ...row, refused: { step: 'upload', slug: 'malformed' } }, true, 'refused'],
    [{ ...sent, owner: 'renard' }, true, 'former'],
    [withWish(sent, 'metal', NOW), true, 'undecided'],
    [{ ...sent, server }, true, 'learned'],
    [sent, true, 'received'],
  ])('%#', (state, mayKeep, fate) => {
    expect(fateOf(state, mayKeep, 'merle-sage-0001')).toBe(fate);
  });
});
