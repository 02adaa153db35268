/** What a person chose: language, theme, department, territory. Remembered on the device only. */
import { signal, effect } from '@preact/signals';
import { read, write } from './db';

export type Locale = 'fr' | 'en';
export type Theme = 'system' | 'light' | 'dark';

export interface Settings {
  readonly locale: Locale;
  readonly theme: Theme;
  readonly department: string | null;
  readonly territory: string | null;
  /** True once the department was asked for: it is asked once, and never before the first answer. */
  readonly askedDepartment: boolean;
  /** True once the hint to install the app was put away. */
  readonly dismissedInstall: boolean;
  /** True once the notice on voices was read: before that, no voice is listened to. */
  readonly knowsVoice: boolean;
}

const KEY = 'all';

/** The first language of the browser that the app speaks; French where it speaks none of them. */
export function localeOf(languages: readonly string[]): Locale {
  const spoken = languages.map((language) => language.toLowerCase().slice(0, 2));
  return spoken.find((language): language is Locale => language === 'fr' || language === 'en') ?? 'fr';
}

export const DEFAULTS: Settings = {
  locale: 'fr',
  theme: 'system',
  department: null,
  territory: null,
  askedDepartment: false,
  dismissedInstall: false,
  knowsVoice: false,
};

export const settings = signal<Settings>(DEFAULTS);

/** Keep what is known of stored settings: an older app's row must not break a newer one. */
export function merge(stored: unknown, defaults: Settings): Settings {
  if (typeof stored !== 'object' || stored === null) return defaults;
  const known = Object.entries(stored).filter(([key]) => key in defaults);
  return { ...defaults, ...Object.fromEntries(known) };
}

export async function loadSettings(): Promise<void> {
  const defaults = { ...DEFAULTS, locale: localeOf(navigator.languages) };
  settings.value = merge(await read('settings', KEY), defaults);
  effect(() => applyTheme(settings.value));
}

export function change(part: Partial<Settings>): void {
  settings.value = { ...settings.value, ...part };
  void write('settings', KEY, settings.value);
}

function applyTheme({ theme, locale }: Settings): void {
  const root = document.documentElement;
  root.lang = locale;
  if (theme === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme;
}
