/**
 * Writes src/api/schema.ts from the committed backend/openapi.yaml; with --check only compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import openapi, { astToString } from 'openapi-typescript';

const source = new URL('../../backend/openapi.yaml', import.meta.url);
const target = new URL('../src/api/schema.ts', import.meta.url);
const fresh = `/** Generated from backend/openapi.yaml by \`npm run schema\`; never edited. */\n${astToString(await openapi(source))}`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== fresh) {
    console.error('src/api/schema.ts is not what backend/openapi.yaml says: run `npm run schema`.');
    process.exit(1);
  }
} else {
  writeFileSync(target, fresh);
}
