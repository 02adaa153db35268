/** Writes .br and .gz beside what travels as text or wasm: the server gives them out as they are. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const LARGE_BYTES = 1_000_000; // the best quality takes half a minute on the runtime, and saves 4 %

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((file) => file.isFile() && /\.(html|js|css|svg|webmanifest|json|wasm|bin)$/.test(file.name))
  .map((file) => join(file.parentPath, file.name));

for (const path of files) {
  const bytes = readFileSync(path);
  const quality = bytes.length > LARGE_BYTES ? 9 : 11;
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }),
  );
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
