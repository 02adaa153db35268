/** The sentences in the language of the settings, and numbers as that language writes them. */
import { computed } from '@preact/signals';
import { settings } from '../store/settings';
import { en } from './en';
import { fr, type Messages } from './fr';

const TONGUES = { fr, en };

const messages = computed(() => TONGUES[settings.value.locale]);

/** The current language's sentences. Read inside a component, it follows the settings. */
export function t(): Messages {
  return messages.value;
}

/** The half of a bilingual record that the reader wants: `name` of {name_fr, name_en}. */
export function localised<K extends string>(
  record: Readonly<Record<`${K}_fr` | `${K}_en`, string>>,
  key: K,
): string {
  return record[`${key}_${settings.value.locale}`];
}

export function percent(share: number): string {
  return new Intl.NumberFormat(settings.value.locale, { style: 'percent' }).format(share);
}

/** "métal, plastique ou carton". */
export function either(names: readonly string[]): string {
  return new Intl.ListFormat(settings.value.locale, { type: 'disjunction' }).format(names);
}

export function integer(n: number): string {
  return new Intl.NumberFormat(settings.value.locale).format(n);
}

/** A measured value: four digits say enough. */
export function measured(n: number): string {
  return new Intl.NumberFormat(settings.value.locale, { maximumSignificantDigits: 4, useGrouping: false }).format(n);
}

/** "1:07" of 67 seconds, as players write it. */
export function clock(seconds: number): string {
  const rest = Math.floor(seconds % 60);
  return `${Math.floor(seconds / 60)}:${String(rest).padStart(2, '0')}`;
}

export function megabytes(bytes: number): string {
  return new Intl.NumberFormat(settings.value.locale, {
    style: 'unit',
    unit: 'megabyte',
    maximumFractionDigits: 1,
  }).format(bytes / 1e6);
}

export function longDate(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(settings.value.locale, { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}

/** When something happened here: day and time. */
export function moment(iso: string): string {
  const how = { dateStyle: 'medium', timeStyle: 'short' } as const;
  return new Intl.DateTimeFormat(settings.value.locale, how).format(new Date(iso));
}

/** "novembre 2026" of 2026-11. */
export function monthName(month: string): string {
  const how = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat(settings.value.locale, how).format(new Date(`${month}-01T00:00:00Z`));
}

/** A source's date as it was found: a day, a month, a year, or words. */
export function sourceDate(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return longDate(text);
  if (text === '' || text === 'undated') return t().answer.undated;
  return text;
}
