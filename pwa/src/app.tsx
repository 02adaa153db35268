/** Shell: skip link, header, navigation, one screen, what waits to be said. */
import type { ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from './i18n';
import { route, ROUTES, type RouteName } from './router';
import { About } from './screens/About';
import { Account } from './screens/Account';
import { History } from './screens/History';
import { NewPassword, VerifyEmail } from './screens/Keys';
import { Model } from './screens/Model';
import { Scan } from './screens/Scan';
import { Search } from './screens/Search';
import { Settings } from './screens/Settings';
import { applyUpdate, online, waitingApp } from './store/device';
import { pending } from './store/outbox';
import { running } from './tasks/scans';
import { announcement } from './ui/announce';
import { ConsentSheet } from './ui/ConsentSheet';
import { Icon, type IconName } from './ui/Icon';
import { openPlacePicker, PlacePicker } from './ui/PlacePicker';
import { department, territory } from './waste/place';

/** What only some people open comes when it is opened, from the cache where there is no network. */
function Listen() {
  const [Screen, setScreen] = useState<ComponentType | null>(null);
  useEffect(() => {
    void import('./screens/Listen').then((module) => setScreen(() => module.Listen));
  }, []);
  return Screen === null ? <div class="sieve centred" aria-hidden="true" /> : <Screen />;
}

const SCREENS: Readonly<Record<RouteName, ComponentType>> = {
  scan: Scan,
  answers: Scan,
  listen: Listen,
  search: Search,
  history: History,
  settings: Settings,
  account: Account,
  password: NewPassword,
  email: VerifyEmail,
  model: Model,
  about: About,
};

const TABS = [
  { name: 'scan', icon: 'scan' },
  { name: 'listen', icon: 'microphone' },
  { name: 'search', icon: 'search' },
  { name: 'history', icon: 'history' },
  { name: 'settings', icon: 'settings' },
] as const satisfies readonly { name: RouteName; icon: IconName }[];

/** The tab under which a screen is found. */
const UNDER: Readonly<Record<RouteName, (typeof TABS)[number]['name']>> = {
  scan: 'scan',
  answers: 'scan',
  listen: 'listen',
  search: 'search',
  history: 'history',
  settings: 'settings',
  account: 'settings',
  password: 'settings',
  email: 'settings',
  model: 'settings',
  about: 'settings',
};

export function App() {
  const m = t();
  const name = route.value;
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    main.current?.scrollTo(0, 0);
    main.current?.querySelector('h1')?.focus({ preventScroll: true });
  }, [name]);
  useEffect(() => {
    document.title = name === 'scan' ? 'Tamis' : `${m.title[name]} · Tamis`;
  }, [name, m]);
  const Screen = SCREENS[name];
  return (
    <div class="shell" data-screen={name}>
      <Header onSkip={() => main.current?.focus()} />
      <Tabs current={UNDER[name]} />
      <main ref={main} id="content" tabIndex={-1}>
        <Screen />
      </main>
      <Update />
      <PlacePicker />
      <ConsentSheet />
      <div class="unseen" aria-live="polite">
        {announcement.value}
      </div>
    </div>
  );
}

function Header({ onSkip }: { readonly onSkip: () => void }) {
  const m = t();
  const place = territory.value?.name ?? department.value?.name;
  return (
    <header class="top">
      <a
        class="skip"
        href={ROUTES[route.value]}
        onClick={(event) => {
          event.preventDefault();
          onSkip();
        }}
      >
        {m.skip}
      </a>
      <a class="wordmark" href={ROUTES.scan}>
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
          <circle cx="12" cy="12" r="10.5" class="mark-rim" />
          <g class="mark-holes">
            {[7, 12, 17].flatMap((x) =>
              [7, 12, 17].map((y) => <circle key={`${x}-${y}`} cx={x} cy={y} r={x === 12 && y === 12 ? 2.4 : 1.1} />),
            )}
          </g>
        </svg>
        tamis
      </a>
      {!online.value && (
        <span class="offline" role="status">
          <Icon name="offline" /> <span>{m.offline}</span>
        </span>
      )}
      <button type="button" class="place" onClick={openPlacePicker}>
        <Icon name="place" />
        <span>{place ?? m.place.none}</span>
      </button>
    </header>
  );
}

function Tabs({ current }: { readonly current: RouteName }) {
  const { nav } = t();
  return (
    <nav class="tabs" aria-label={nav.label}>
      {TABS.map(({ name, icon }) => (
        <a key={name} href={ROUTES[name]} aria-current={name === current ? 'page' : undefined}>
          <Icon name={icon} />
          {nav[name]}
          {name === 'history' && <Pending />}
        </a>
      ))}
    </nav>
  );
}

/** How many scans have not been told to the server yet. */
function Pending() {
  const n = pending.value;
  if (n === 0) return null;
  return (
    <span class="pending">
      <span aria-hidden="true">{n > 99 ? '99+' : n}</span>
      <span class="unseen">({t().history.waiting(n)})</span>
    </span>
  );
}

/** Offered, never imposed, and not while a photo is being looked at. */
function Update() {
  const { update } = t();
  if (waitingApp.value === null || running.value > 0) return null;
  return (
    <div class="toast" role="status">
      <p>{update.ready}</p>
      <button type="button" class="solid" onClick={applyUpdate}>
        {update.apply}
      </button>
      <button type="button" class="quiet" onClick={() => (waitingApp.value = null)}>
        {update.later}
      </button>
    </div>
  );
}
