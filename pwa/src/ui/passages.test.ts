import { expect, test } from 'vitest';
import { passagesOf } from './passages';

const window = (start_s: number, label: string, score = 0.5) => ({ start_s, end_s: start_s + 3, top: [{ label, score }] });

test('overlapping windows become passages side by side, until the end of the sound', () => {
  const passages = passagesOf([window(0, 'rock'), window(1.5, 'rock'), window(2.2, 'jazz')], 5);
  expect(passages.map(({ from_s, to_s }) => [from_s, to_s])).toEqual([
    [0, 1.5],
    [1.5, 2.2],
    [2.2, 5],
  ]);
});

test('letters go by how long a label is heard, and stand where it begins', () => {
  const passages = passagesOf([window(0, 'pop'), window(3, 'jazz'), window(6, 'jazz'), window(9, 'pop'), window(10, 'jazz')], 12);
  expect(passages.map(({ letter, first }) => (first ? letter : letter.toLowerCase())).join('')).toBe('BAaBA');
});

test('a padded window ends with the sound', () => {
  expect(passagesOf([window(0, 'fear')], 1.2)).toMatchObject([{ from_s: 0, to_s: 1.2, letter: 'A', first: true }]);
});
