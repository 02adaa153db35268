import { cpSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import preact from '@preact/preset-vite';
import type { Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { defineConfig } from 'vitest/config';

const LITERT = 'node_modules/@litertjs/core';
/** In the address, so that what a browser has fetched once is never fetched again. */
const LITERT_VERSION = (
  JSON.parse(readFileSync(resolve(LITERT, 'package.json'), 'utf8')) as { version: string }
).version;
const LITERT_FILES = ['litert_wasm_internal', 'litert_wasm_compat_internal'];

/** Copies the runtime next to the app: it is loaded from /litert/, never from a CDN. */
function selfHostedLitert(): Plugin {
  return {
    name: 'self-hosted-litert',
    apply: 'build',
    generateBundle: {
      order: 'pre',
      handler(options) {
        for (const name of LITERT_FILES) {
          for (const extension of ['js', 'wasm']) {
            const file = `${name}.${extension}`;
            const target = resolve(options.dir ?? 'dist', 'litert', LITERT_VERSION, file);
            cpSync(resolve(LITERT, 'wasm', file), target);
          }
        }
      },
    },
  };
}

export default defineConfig({
  plugins: [
    preact({ prefreshEnabled: false }),
    selfHostedLitert(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      injectRegister: false,
      manifest: false,
      injectManifest: {
        globPatterns: [
          '**/*.{html,js,css,svg,webmanifest,bin,json}',
          'icons/*.png',
          'litert/**/*.wasm',
        ],
        dontCacheBustURLsMatching: /^(assets|litert)\//,
        // The page is known as / only: /index.html leads there.
        manifestTransforms: [
          (entries) => ({
            manifest: entries.map((entry) =>
              entry.url === 'index.html' ? { ...entry, url: '/' } : entry,
            ),
          }),
        ],
        // The runtime is 9.4 MB; the default of 2 MiB would leave it out without a word.
        maximumFileSizeToCacheInBytes: 12_000_000,
      },
    }),
  ],
  define: { __LITERT_FOLDER__: JSON.stringify(`/litert/${LITERT_VERSION}/`) },
  worker: { format: 'iife' }, // the runtime's loader is a classic script: importScripts
  build: { target: 'es2022', sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
