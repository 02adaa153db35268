/** What the browser tells about itself: the network, the wish to be installed, a newer app. */
import { signal } from '@preact/signals';

export const online = signal(navigator.onLine);
window.addEventListener('online', () => (online.value = true));
window.addEventListener('offline', () => (online.value = false));

/** Chromium's way to offer installation at a moment of our choosing. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

export const installPrompt = signal<InstallPrompt | null>(null);
window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  installPrompt.value = event as InstallPrompt;
});
window.addEventListener('appinstalled', () => (installPrompt.value = null));

export const isInstalled = matchMedia('(display-mode: standalone)').matches;

/** iOS installs by its own menu only. */
export const isIos = /iPhone|iPad/.test(navigator.userAgent);

/** A newer app that waits; it is applied by the person, never under their hands. */
export const waitingApp = signal<ServiceWorker | null>(null);

export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  if (registration === undefined) return; // no network, or refused here: the app still works online
  const notice = (): void => {
    // Without a controller this is the first visit: nothing is replaced.
    if (navigator.serviceWorker.controller !== null) waitingApp.value = registration.waiting;
  };
  notice();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', notice);
  });
}

export function applyUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waitingApp.value?.postMessage({ type: 'SKIP_WAITING' });
}

/** Resolves when the service worker answers this page's requests: from then on they are kept. */
export function controlled(): Promise<void> {
  if (!('serviceWorker' in navigator)) return Promise.resolve();
  if (navigator.serviceWorker.controller !== null) return Promise.resolve();
  return new Promise((resolve) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true });
  });
}
