import { expect, test } from 'vitest';
import { DEFAULTS, localeOf, merge } from './settings';

test.each([
  [['fr-FR', 'en'], 'fr'],
  [['en-US', 'fr'], 'en'],
  [['de-DE', 'en'], 'en'],
  [['es'], 'fr'],
  [[], 'fr'],
])('a browser that asks for %j gets %s', (languages, locale) => {
  expect(localeOf(languages)).toBe(locale);
});

test('what an older app stored is kept, what it did not know gets its default', () => {
  const merged = merge({ department: '33', forgotten: true }, DEFAULTS);
  expect(merged).toEqual({ ...DEFAULTS, department: '33' });
});

test.each([undefined, null, 'broken'])('stored %s: the defaults', (stored) => {
  expect(merge(stored, DEFAULTS)).toEqual(DEFAULTS);
});
