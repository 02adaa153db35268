/** The conditions of a rule as a question with tappable answers. */
import { useState } from 'preact/hooks';
import type { Exception, Statement } from '../api/types';
import { localised, t } from '../i18n';
import { isCategory } from '../waste/category';

/** Shown at once; the rarer ones wait behind a button. */
const SHOWN = 3;
const USUAL = '';

interface Props {
  readonly name: string;
  readonly category: string;
  readonly usual: Statement;
  readonly exceptions: readonly Exception[];
  readonly chosen: string | null;
  readonly onChoose: (key: string | null) => void;
}

export function Conditions({ name, category, usual, exceptions, chosen, onChoose }: Props) {
  const m = t();
  const [all, setAll] = useState(false);
  const shown = all || exceptions.length <= SHOWN + 1 ? exceptions : exceptions.slice(0, SHOWN);
  const hidden = exceptions.length - shown.length;
  const options = [{ ...usual, key: USUAL }, ...shown];
  return (
    <fieldset class="conditions">
      <legend class="label">{isCategory(category) ? m.question[category] : m.question.autre}</legend>
      <div class="chips">
        {options.map((option) => (
          <label key={option.key} class="chip">
            <input
              type="radio"
              name={name}
              checked={(chosen ?? USUAL) === option.key}
              onChange={() => onChoose(option.key === USUAL ? null : option.key)}
            />
            <span>{localised(option, 'condition')}</span>
          </label>
        ))}
        {hidden > 0 && (
          <button type="button" class="chip chip-more" onClick={() => setAll(true)}>
            {m.answer.others(hidden)}
          </button>
        )}
      </div>
    </fieldset>
  );
}
