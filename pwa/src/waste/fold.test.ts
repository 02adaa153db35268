import { expect, test } from 'vitest';
import { fold } from './fold';

test.each([
  ['Côtes-d’Armor', 'cotes d armor'],
  ["  Val-d'Oise ", 'val d oise'],
  ['Réunion', 'reunion'],
])('%s is found by %s', (name, folded) => {
  expect(fold(name)).toBe(folded);
});
