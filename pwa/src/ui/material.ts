/** What the screen calls a material. */
import { t } from '../i18n';
import { settings } from '../store/settings';
import { isCategory } from '../waste/category';

export function materialName(label: string): string {
  return isCategory(label) ? t().category[label] : label;
}

/** Names inside a sentence: only the first keeps its capital. */
export function inSentence(labels: readonly string[]): string[] {
  const { locale } = settings.value;
  return labels.map(materialName).map((name, i) => (i === 0 ? name : name.toLocaleLowerCase(locale)));
}

/** A name that does not begin its sentence. */
export function lower(label: string): string {
  return materialName(label).toLocaleLowerCase(settings.value.locale);
}
