/** The two questions, apart and unticked, with all that a yes means; a no is as near as a yes. */
import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { t } from '../i18n';
import { account, TEXT_VERSION } from '../store/account';
import { decideConsents, declineConsents } from '../tasks/consents';
import { announce } from './announce';
import { Sheet } from './Sheet';

const open = signal(false);

export function openConsents(): void {
  open.value = true;
}

export function ConsentSheet() {
  return (
    <Sheet open={open} id="consent-title" title={t().consent.title}>
      <Form />
    </Sheet>
  );
}

function Form() {
  const m = t().consent;
  const { allows } = account.value;
  const [store, setStore] = useState(allows.store === true);
  const [train, setTrain] = useState(allows.train === true);
  const leave = (said: string): void => {
    announce(said);
    open.value = false;
  };
  const save = (): void => {
    void decideConsents(store, train);
    leave(store ? m.thanksStore : m.thanksNone);
  };
  const decline = (): void => {
    void declineConsents();
    leave(m.thanksNone);
  };
  return (
    <form
      class="consents"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div class="consents-text">
        <p>{m.intro}</p>
        <Tick id="store" name={m.store} help={m.storeHelp} on={store} onChange={setStore} />
        <Tick
          id="train"
          name={m.train}
          help={m.trainHelp}
          on={store && train}
          disabled={!store}
          onChange={setTrain}
        />
        <h3>{m.conditions}</h3>
        <Terms />
      </div>
      {!store && <p class="small">{m.nothing}</p>}
      <div class="pair">
        <button type="button" class="solid" onClick={decline}>
          {m.no}
        </button>
        <button type="submit" class="solid">
          {m.save}
        </button>
      </div>
    </form>
  );
}

/** What a yes means; the version is the one the server writes down. */
export function Terms() {
  const m = t().consent;
  return (
    <>
      <ul class="bullets">
        {m.points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      <p class="small">{m.version(TEXT_VERSION)}</p>
    </>
  );
}

interface TickProps {
  readonly id: string;
  readonly name: string;
  readonly help: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  readonly onChange: (on: boolean) => void;
  readonly role?: 'switch';
}

/** One question: a box to tick, or a switch where it counts at once. */
export function Tick({ id, name, help, on, disabled = false, onChange, role }: TickProps) {
  return (
    <div class="tick">
      <input
        type="checkbox"
        id={`consent-${id}`}
        checked={on}
        disabled={disabled}
        aria-describedby={`consent-${id}-help`}
        onChange={(event) => onChange(event.currentTarget.checked)}
        {...(role === undefined ? {} : { role })}
      />
      <label for={`consent-${id}`}>{name}</label>
      <p class="small" id={`consent-${id}-help`}>
        {help}
      </p>
    </div>
  );
}
