/** The department: found on the device, or chosen from a list; then the territory, where documented. */
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { OfflineError, ProblemError } from '../api/client';
import type { Department } from '../api/types';
import { t } from '../i18n';
import { settings } from '../store/settings';
import { locate } from '../waste/locate';
import { choosePlace, department, departments } from '../waste/place';
import { fold } from '../waste/fold';
import { Icon } from './Icon';
import { Sheet } from './Sheet';

const open = signal(false);

export function openPlacePicker(): void {
  open.value = true;
}

function close(): void {
  open.value = false;
}

export function PlacePicker() {
  return (
    <Sheet open={open} id="place-title" title={t().place.title}>
      <Body />
    </Sheet>
  );
}

function Body() {
  const [list, setList] = useState(department.value === undefined);
  const chosen = department.value;
  const take = ({ code, territories }: Department): void => {
    choosePlace(code);
    setList(false);
    if (territories.length === 0) close();
  };
  if (list || chosen === undefined) return <Departments onTake={take} />;
  return <Territories chosen={chosen} onChange={() => setList(true)} />;
}

function Departments({ onTake }: { readonly onTake: (department: Department) => void }) {
  const m = t();
  const [query, setQuery] = useState('');
  const wanted = fold(query);
  const fitting = departments.value.filter(
    ({ code, name }) => fold(name).includes(wanted) || fold(code).startsWith(wanted),
  );
  return (
    <>
      <Locator onTake={onTake} />
      <label class="field">
        <span class="label">{m.place.filter}</span>
        <input
          type="search"
          value={query}
          autocomplete="off"
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </label>
      {departments.value.length === 0 && <p>{m.place.missing}</p>}
      {departments.value.length > 0 && fitting.length === 0 && <p role="status">{m.place.noMatch}</p>}
      <ul class="list">
        {query === '' && (
          <li>
            <button
              type="button"
              class="list-row"
              onClick={() => {
                choosePlace(null);
                close();
              }}
            >
              <span class="code">FR</span> {m.place.france}
            </button>
          </li>
        )}
        {fitting.map((option) => (
          <li key={option.code}>
            <button
              type="button"
              class="list-row"
              aria-current={option.code === settings.value.department}
              onClick={() => onTake(option)}
            >
              <span class="code">{option.code}</span> {option.name}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

type Locating = 'idle' | 'busy' | 'denied' | 'unavailable' | 'abroad' | 'failed';

function Locator({ onTake }: { readonly onTake: (department: Department) => void }) {
  const m = t();
  const [state, setState] = useState<Locating>('idle');
  const find = async (): Promise<void> => {
    setState('busy');
    try {
      const located = await locate();
      const code = located.kind === 'found' ? located.code : null;
      const found = departments.value.find((candidate) => candidate.code === code);
      if (found !== undefined) onTake(found);
      else setState(located.kind === 'found' ? 'failed' : located.kind);
    } catch (error) {
      if (!(error instanceof OfflineError || error instanceof ProblemError)) throw error;
      setState('failed'); // the outlines did not come; the list is there
    }
  };
  return (
    <div class="locator">
      <button type="button" class="solid" disabled={state === 'busy'} onClick={() => void find()}>
        <Icon name="locate" /> {m.place.locate}
      </button>
      <p class="small" role="status">
        {state === 'idle' ? m.place.promise : state === 'busy' ? m.place.locating : m.place[state]}
      </p>
    </div>
  );
}

interface TerritoriesProps {
  readonly chosen: Department;
  readonly onChange: () => void;
}

function Territories({ chosen, onChange }: TerritoriesProps) {
  const m = t();
  const options = [...chosen.territories, { code: null, name: m.place.elsewhere }];
  return (
    <>
      <p class="row spread">
        <strong>
          {chosen.name} ({chosen.code})
        </strong>
        <button type="button" class="quiet" onClick={onChange}>
          {m.place.change}
        </button>
      </p>
      {chosen.territories.length > 0 && (
        <fieldset class="options">
          <legend class="label">{m.place.territory}</legend>
          <p class="small">{m.place.territoryHelp}</p>
          {options.map(({ code, name }) => (
            <label key={code} class="list-row">
              <input
                type="radio"
                name="territory"
                checked={settings.value.territory === code}
                onChange={() => choosePlace(chosen.code, code)}
              />
              {name}
            </label>
          ))}
        </fieldset>
      )}
      <button type="button" class="solid" onClick={close}>
        {m.place.done}
      </button>
    </>
  );
}
