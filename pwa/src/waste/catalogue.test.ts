import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { productsHere } from './catalogue';

test('the kept products are those of the reviewed files', () => {
  execFileSync(process.execPath, ['scripts/build-products.mjs', '--check']);
});

test('a misspelt object is found without the server, with its bins in order', async () => {
  const file = readFileSync(new URL('../../public/products.json', import.meta.url));
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(file)));
  const [first] = await productsHere('pot de yahourt plastique');
  expect(first?.category).toBe('plastique');
  expect(first?.containers[0]).toMatchObject({ code: 'BAC_JAUNE', colour: '#F7C600' });
});
