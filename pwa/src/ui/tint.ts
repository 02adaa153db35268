/** A colour and a pattern for each label of a sound: told apart without seeing colours. */
import { labelsOf } from './material';

const PATTERNS = 4;

export interface Tint {
  readonly 'data-pattern': number;
  readonly style: { readonly '--hue': string };
}

/** The attributes of an element of class `tint`. */
export function tintOf(task: string, label: string): Tint {
  const labels = labelsOf(task);
  const at = Math.max(0, labels.indexOf(label));
  return {
    'data-pattern': at % PATTERNS,
    style: { '--hue': String(Math.round((at * 360) / Math.max(1, labels.length) + 25)) },
  };
}
