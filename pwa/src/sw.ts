/** Three caches: the shell, the models (by sha256, immutable), the data (stale-while-revalidate). */
import { cacheNames, clientsClaim, setCacheNameDetails } from 'workbox-core';
import {
  createHandlerBoundToURL,
  precacheAndRoute,
  type PrecacheEntry,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { StaleWhileRevalidate } from 'workbox-strategies';

declare const self: ServiceWorkerGlobalScope & {
  readonly __WB_MANIFEST: (PrecacheEntry | string)[];
};

// One shell cache for all builds: an update then fetches what changed, not 9 MB of runtime again.
setCacheNameDetails({ prefix: 'tamis', precache: 'shell', suffix: '' });

/** () -> v128 with one i8x16.relaxed_swizzle: valid only where relaxed SIMD is. */
const RELAXED_SIMD = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, // magic, version 1
  0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, // type: () -> v128
  0x03, 0x02, 0x01, 0x00, // one function of that type
  0x0a, 0x0f, 0x01, 0x0d, 0x00, // code: one body of 13 bytes, no locals
  0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, // i32.const 0, i8x16.splat, twice
  0xfd, 0x80, 0x02, 0x0b, // i8x16.relaxed_swizzle, end
]);

/** Of the two builds of the runtime, the one this browser will never load stays on the server. */
const unused = WebAssembly.validate(RELAXED_SIMD)
  ? '/litert_wasm_compat_internal.'
  : '/litert_wasm_internal.';

precacheAndRoute(
  self.__WB_MANIFEST.filter((entry) => {
    const url = typeof entry === 'string' ? entry : entry.url;
    return !`/${url}`.includes(unused);
  }),
);
clientsClaim();

registerRoute(
  new NavigationRoute(createHandlerBoundToURL('/'), {
    denylist: [/^\/(api|_allauth|admin|static|problems|livez|readyz)(\/|$)/, /\.[a-z0-9]+$/i],
  }),
);

// Verified models are put there by the app; here they are only given out.
registerRoute(
  ({ url }) => /^\/api\/models\/[0-9a-f]{64}\.tflite$/.test(url.pathname),
  async ({ request }) => (await (await caches.open('models')).match(request)) ?? fetch(request),
);

registerRoute(
  ({ url }) =>
    url.pathname.startsWith('/api/departments/') || url.pathname === '/api/products/catalogue/',
  new StaleWhileRevalidate({ cacheName: 'data' }),
);

let told = false;

/** A person said so in one tab. */
self.addEventListener('message', (event) => {
  if ((event.data as { type?: string } | null)?.type !== 'SKIP_WAITING') return;
  told = true;
  void self.skipWaiting();
});

// The other tabs follow: one with the older app would keep the newer from the database.
self.addEventListener('activate', (event) => {
  if (!told) return;
  const reload = async (): Promise<void> => {
    // Not waited for: a page loads once the worker is active, and it is not before this ends.
    for (const tab of await self.clients.matchAll({ type: 'window' })) void tab.navigate(tab.url);
  };
  event.waitUntil(reload());
});

// Caches of an older naming, if any, are not ours to keep.
self.addEventListener('activate', (event) => {
  const ours = new Set([cacheNames.precache, 'models', 'data']);
  const drop = async (): Promise<void> => {
    for (const name of await caches.keys()) if (!ours.has(name)) await caches.delete(name);
  };
  event.waitUntil(drop());
});
