/**
 * Packs products and containers for the search without a network:
 * node scripts/build-products.mjs [--check], from the reviewed files of backend/waste/data.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const data = new URL('../../backend/waste/data/', import.meta.url);
const target = new URL('../public/products.json', import.meta.url);

/** One of our CSV files: quotes only around commas and quotes, no line break inside a field. */
function table(name) {
  const [head, ...rows] = readFileSync(new URL(name, data), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
      ),
    );
  return rows.map((row) => Object.fromEntries(head.map((column, i) => [column, row[i]])));
}

const list = (text = '', separator = '|') => text.split(separator).filter((item) => item !== '');

const everyday = new Map(table('synonyms.csv').map(({ product, words }) => [product, list(words)]));
const containers = table('containers.csv').map(
  ({ code, name_fr, name_en, kind, colour, icon }) => ({ code, name_fr, name_en, kind, colour, icon }),
);
const products = table('products.csv').map((row) => ({
  code: row.code,
  name_fr: row.name_fr,
  synonyms: list(row.synonyms),
  everyday: everyday.get(row.code) ?? [],
  category: row.category,
  containers: list(row.containers, ';'),
}));

const lines = products.map((product) => JSON.stringify(product)).join(',\n');
const fresh = `{"containers":${JSON.stringify(containers)},\n"products":[\n${lines}\n]}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(target, fresh);
  console.log(`${products.length} products, ${containers.length} containers, ${fresh.length} bytes`);
} else if (readFileSync(target, 'utf8') !== fresh) {
  console.error('public/products.json is not what backend/waste/data says: npm run products');
  process.exit(1);
}
