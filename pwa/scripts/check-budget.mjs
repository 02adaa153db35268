/** Fails the build when the app's own code outgrows its budget; runtime and model are counted apart. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 120_000;
const dist = fileURLToPath(new URL('../dist/', import.meta.url));

const code = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((file) => file.isFile() && /\.(js|css|html)$/.test(file.name))
  .map((file) => relative(dist, join(file.parentPath, file.name)))
  .filter((path) => !path.startsWith('litert'))
  .map((path) => ({ path, gzip: gzipSync(readFileSync(join(dist, path))).length }));
const total = code.reduce((sum, { gzip }) => sum + gzip, 0);

for (const { path, gzip } of code) console.log(`${String(gzip).padStart(7)}  ${path}`);
console.log(`${String(total).padStart(7)}  app code, gzip (budget ${BUDGET_BYTES})`);
if (total > BUDGET_BYTES) process.exit(1);
