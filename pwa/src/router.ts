/** Hash routes: a deep link is the same file, so that it opens without a network. */
import { computed, signal } from '@preact/signals';

export const ROUTES = {
  scan: '#/',
  answers: '#/reponses',
  listen: '#/ecouter',
  search: '#/chercher',
  history: '#/historique',
  settings: '#/reglages',
  account: '#/compte',
  model: '#/modele',
  about: '#/a-propos',
  /** Where mails lead; a key follows. */
  password: '#/mot-de-passe',
  email: '#/courriel',
} as const;

export type RouteName = keyof typeof ROUTES;

const hash = signal(location.hash);
window.addEventListener('hashchange', () => (hash.value = location.hash));

export function go(name: RouteName, key = ''): void {
  location.hash = key === '' ? ROUTES[name] : `${ROUTES[name]}/${key}`;
}

/** "#/mot-de-passe/abc" is the route "#/mot-de-passe" and the key "abc". */
const parts = computed(() => {
  const [, name = '', key = ''] = (hash.value.split('?')[0] as string).split('/');
  return { path: `#/${name}`, key };
});

export const route = computed<RouteName>(() => {
  const found = Object.entries(ROUTES).find(([, href]) => href === parts.value.path);
  return (found?.[0] as RouteName | undefined) ?? 'scan';
});

export const routeKey = computed(() => parts.value.key);
