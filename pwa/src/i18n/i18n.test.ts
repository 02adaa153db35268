import { expect, test } from 'vitest';
import { CATEGORIES } from '../waste/category';
import { en } from './en';
import { fr } from './fr';

type Leaf = readonly [path: string, value: unknown];

function leaves(node: object, path = ''): Leaf[] {
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null
      ? leaves(value, `${path}.${key}`)
      : [[`${path}.${key}`, value] as const],
  );
}

test('both languages have the same sentences', () => {
  expect(leaves(en).map(([path]) => path)).toEqual(leaves(fr).map(([path]) => path));
});

test.each([
  ['fr', fr],
  ['en', en],
])('no sentence of %s is empty', (_name, tongue) => {
  const texts = leaves(tongue).map(([path, value]) => [
    path,
    typeof value === 'function' ? (value as (...args: string[]) => string)('1', '2') : value,
  ]);
  expect(texts.filter(([, text]) => String(text).trim() === '')).toEqual([]);
});

test('every material has a name and a question', () => {
  expect(Object.keys(fr.category)).toEqual([...CATEGORIES]);
  expect(Object.keys(fr.question)).toEqual([...CATEGORIES]);
});
