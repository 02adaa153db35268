import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Entry, SearchIndex } from './search';

/** Reads a CSV file of ours: quotes only where a comma is, no line break inside a field. */
function table(path: string): Record<string, string>[] {
  const [head = [], ...rows] = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])));
}

const list = (text = ''): string[] => text.split('|').filter((item) => item !== '');

const DATA = '../backend/waste/data';
const everyday = new Map(
  table(`${DATA}/synonyms.csv`).map((row) => [row.product, list(row.words)]),
);
const entries = table(`${DATA}/products.csv`).map(
  (row): Entry => ({
    code: row.code ?? '',
    name_fr: row.name_fr ?? '',
    synonyms: list(row.synonyms),
    everyday: everyday.get(row.code) ?? [],
    category: row.category ?? '',
  }),
);
const index = new SearchIndex(entries);
const expected = Object.entries(
  JSON.parse(readFileSync('../tests/golden/search/expected.json', 'utf8')) as Record<
    string,
    [code: string, score: number, matched: string][]
  >,
);

test('the reference data was read', () => {
  expect(entries.length).toBeGreaterThan(1_000);
  expect(expected.length).toBeGreaterThan(100);
});

test.each(expected)('%j finds what the server finds', (query, hits) => {
  expect(index.rank(query, 5).map(({ code, score, matched }) => [code, score, matched])).toEqual(hits);
});

test('an endless query is answered at once', () => {
  const start = performance.now();
  index.rank('bouteille '.repeat(10_000));
  expect(performance.now() - start).toBeLessThan(1_000);
});
