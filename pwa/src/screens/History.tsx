/** Everything that was kept: on this phone, and from every phone of the same person. */
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { OfflineError, ProblemError } from '../api/client';
import { integer, monthName, t } from '../i18n';
import { account, mayKeep } from '../store/account';
import { erase, history, pending } from '../store/outbox';
import { fateOf, labelOf, type Fate, type Row } from '../store/rows';
import { hurry, refresh, standstill } from '../store/sync';
import { byMaterial, byMonth, type Count } from '../tasks/figures';
import { openConsents } from '../ui/ConsentSheet';
import { Export } from '../ui/Export';
import { Icon } from '../ui/Icon';
import { labelName, materialName } from '../ui/material';
import { Notice } from '../ui/Notice';
import { Eraser, Past } from '../ui/Past';

const PAGE = 20;
const ALL = '';

const fateWanted = signal<Fate | typeof ALL>(ALL);
const labelWanted = signal<string>(ALL);

export function History() {
  const m = t();
  const failed = useRefreshed();
  const rows = history.value;
  return (
    <div class="page">
      <h1 tabIndex={-1}>{m.title.history}</h1>
      {rows.length === 0 && !mayKeep.value && <Off />}
      {rows.length === 0 && mayKeep.value && <p class="empty">{m.history.empty}</p>}
      <Waiting />
      {failed && standstill.value === null && <Notice icon="offline">{m.history.refreshFailed}</Notice>}
      {rows.length > 0 && (
        <>
          <List rows={rows} />
          <Figures rows={rows} />
          <Data rows={rows} />
        </>
      )}
    </div>
  );
}

/** Looks at the server when the screen opens, and when it is looked at again. */
function useRefreshed(): boolean {
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const look = async (): Promise<void> => {
      if (document.visibilityState !== 'visible') return;
      try {
        await refresh();
        setFailed(false);
      } catch (error) {
        if (!(error instanceof OfflineError || error instanceof ProblemError || error instanceof DOMException)) {
          throw error;
        }
        setFailed(true);
      }
    };
    const onVisible = (): void => void look();
    onVisible();
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, []);
  return failed;
}

/** What a history would be, and how to have one. */
function Off() {
  const m = t();
  return (
    <section class="block off">
      <Icon name="history" />
      <h2>{m.history.offTitle}</h2>
      <p>{m.history.off}</p>
      <button type="button" class="solid" onClick={openConsents}>
        {m.consent.look}
      </button>
    </section>
  );
}

function Waiting() {
  const m = t().history;
  if (pending.value === 0) return null;
  const why = standstill.value;
  return (
    <Notice icon="clock" title={m.waiting(pending.value)}>
      {why !== null && <p>{m.standstill[why]}</p>}
      <button type="button" class="quiet" onClick={hurry}>
        <Icon name="retry" /> {m.now}
      </button>
    </Notice>
  );
}

function List({ rows }: { readonly rows: readonly Row[] }) {
  const m = t().history;
  const [length, setLength] = useState(PAGE);
  const fateHere = (row: Row): Fate => fateOf(row, mayKeep.value, account.value.pseudonym);
  const fitting = rows.filter(
    (row) =>
      (fateWanted.value === ALL || fateHere(row) === fateWanted.value) &&
      (labelWanted.value === ALL || labelKey(row) === labelWanted.value),
  );
  const fates = unique(rows.map(fateHere));
  const labels = unique(rows.map(labelKey));
  return (
    <section class="history">
      <div class="filters">
        <Filter
          id="fate"
          name={m.filterFate}
          all={m.all}
          chosen={fateWanted.value}
          options={fates.map((fate) => [fate, m.fate[fate]])}
          onChoose={(fate) => (fateWanted.value = fate as Fate)}
        />
        <Filter
          id="material"
          name={m.filterMaterial}
          all={m.allMaterials}
          chosen={labelWanted.value}
          options={labels.map((key) => [key, nameOfKey(key)])}
          onChoose={(key) => (labelWanted.value = key)}
        />
      </div>
      <p class="small" role="status">
        {fitting.length === 0 ? m.none : m.shown(fitting.length)}
      </p>
      <ol class="pasts">
        {fitting.slice(0, length).map((row) => (
          <li key={row.id}>
            <Past row={row} />
          </li>
        ))}
      </ol>
      {fitting.length > length && (
        <button type="button" class="solid" onClick={() => setLength(length + PAGE)}>
          {m.more}
        </button>
      )}
    </section>
  );
}

/** A label with its task: a genre and a material may have the same code. */
const labelKey = (row: Row): string => `${row.task}/${labelOf(row) ?? '?'}`;

function nameOfKey(key: string): string {
  const { history, listen } = t();
  const [task = '', label = ''] = key.split('/');
  const name = label === '?' ? history.unsure : labelName(task, label);
  return task === 'genre' || task === 'emotion' ? `${name} (${listen.modes[task]})` : name;
}

const unique = <T,>(all: readonly T[]): T[] => [...new Set(all)];

interface FilterProps {
  readonly id: string;
  readonly name: string;
  readonly all: string;
  readonly chosen: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChoose: (key: string) => void;
}

function Filter({ id, name, all, chosen, options, onChoose }: FilterProps) {
  return (
    <label class="filter" for={`filter-${id}`}>
      <span class="label">{name}</span>
      <select id={`filter-${id}`} value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value={ALL}>{all}</option>
        {options.map(([key, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </label>
  );
}

function Figures({ rows }: { readonly rows: readonly Row[] }) {
  const m = t().history;
  return (
    <section class="block">
      <h2>{m.stats}</h2>
      <Bars title={m.byMaterial} counts={byMaterial(rows)} name={materialName} />
      <Bars title={m.byMonth} counts={byMonth(rows)} name={monthName} />
    </section>
  );
}

interface BarsProps {
  readonly title: string;
  readonly counts: readonly Count[];
  readonly name: (key: string) => string;
}

function Bars({ title, counts, name }: BarsProps) {
  const most = Math.max(1, ...counts.map(({ n }) => n));
  if (counts.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="bars">
        {counts.map(({ key, n }) => (
          <li key={key}>
            <span class="bars-name">{name(key)}</span>
            <span class="bar" aria-hidden="true">
              <span style={{ width: `${(n / most) * 100}%` }} />
            </span>
            <span class="bars-n">{integer(n)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Data({ rows }: { readonly rows: readonly Row[] }) {
  const m = t().history;
  return (
    <section class="block">
      <h2>{m.data}</h2>
      <Export />
      <Eraser
        ask={m.eraseAll}
        sure={m.eraseAllSure(rows.length)}
        yes={m.eraseAllYes}
        onYes={() => void erase(rows.map(({ id }) => id))}
      />
    </section>
  );
}
