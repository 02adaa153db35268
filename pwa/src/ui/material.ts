/** What the screen calls a label: a material, a genre, an emotion. The same code may stand in two tasks. */
import { t } from '../i18n';
import { settings } from '../store/settings';

function names(task: string): Readonly<Record<string, string>> {
  const { category, genre, emotion } = t();
  const known: Readonly<Record<string, Readonly<Record<string, string>>>> = { waste: category, genre, emotion };
  return known[task] ?? {};
}

/** The labels of a task, in the order of its model's output. */
export function labelsOf(task: string): readonly string[] {
  return Object.keys(names(task));
}

/** A label in the reader's language; one that this app does not know yet, by its code. */
export function labelName(task: string, label: string): string {
  return names(task)[label] ?? label;
}

export function materialName(label: string): string {
  return labelName('waste', label);
}

/** Names inside a sentence: only the first keeps its capital. */
export function inSentence(labels: readonly string[], task = 'waste'): string[] {
  return labels.map((label, i) => (i === 0 ? labelName(task, label) : lower(label, task)));
}

/** A name that does not begin its sentence. */
export function lower(label: string, task = 'waste'): string {
  return labelName(task, label).toLocaleLowerCase(settings.value.locale);
}
