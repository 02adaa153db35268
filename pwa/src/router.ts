/** Hash routes: a deep link is the same file, so that it opens without a network. */
import { computed, signal } from '@preact/signals';

export const ROUTES = {
  scan: '#/',
  answers: '#/reponses',
  search: '#/chercher',
  settings: '#/reglages',
  model: '#/modele',
  about: '#/a-propos',
} as const;

export type RouteName = keyof typeof ROUTES;

const hash = signal(location.hash);
window.addEventListener('hashchange', () => (hash.value = location.hash));

export function go(name: RouteName): void {
  location.hash = ROUTES[name];
}

export const route = computed<RouteName>(() => {
  const path = hash.value.split('?')[0];
  const found = Object.entries(ROUTES).find(([, href]) => href === path);
  return (found?.[0] as RouteName | undefined) ?? 'scan';
});
