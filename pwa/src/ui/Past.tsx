/** One kept scan in the history: what it is, what became of it, and what can still be done. */
import { useState } from 'preact/hooks';
import { moment, t } from '../i18n';
import { account, mayKeep } from '../store/account';
import { correct, erase, tryAgain, undo } from '../store/outbox';
import { fateOf, labelOf, mediaOf, wanted, type Fate, type Row } from '../store/rows';
import { announce } from './announce';
import { BinFor } from './BinFor';
import { Corrector } from './Corrector';
import { Icon, type IconName } from './Icon';
import { labelName } from './material';
import { useMedia } from './media';
import { Notice } from './Notice';
import { PastThumb } from './PastThumb';

const SIGNS: Readonly<Record<Fate, IconName>> = {
  waiting: 'clock',
  undecided: 'clock',
  here: 'phone',
  refused: 'alert',
  former: 'info',
  received: 'cloud',
  corrected: 'eye',
  agreed: 'check',
  learned: 'learned',
  rejected: 'close',
};

export function Past({ row }: { readonly row: Row }) {
  const m = t().history;
  const [open, setOpen] = useState(false);
  const label = labelOf(row);
  const name = label === null ? m.unsure : labelName(row.task, label);
  const fate = fateOf(row, mayKeep.value, account.value.pseudonym);
  return (
    <article class="past" data-fate={fate}>
      <button type="button" class="past-head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <PastThumb row={row} alt="" />
        <span class="past-what">
          <strong>{name}</strong>
          <small>{moment(row.captured_at)}</small>
          <span class="fate">
            <Icon name={SIGNS[fate]} /> {fateInWords(fate, row)}
          </span>
        </span>
        <Icon name={open ? 'up' : 'down'} />
      </button>
      {open && <Details row={row} fate={fate} />}
    </article>
  );
}

function fateInWords(fate: Fate, { server }: Row): string {
  const m = t().history;
  const snapshot = server?.snapshot ?? null;
  return fate === 'learned' && snapshot !== null ? m.learnedIn(snapshot) : m.fate[fate];
}

function Details({ row, fate }: { readonly row: Row; readonly fate: Fate }) {
  const m = t().history;
  const { id, task, said, server } = row;
  const label = labelOf(row);
  const truth = server?.truth ?? null;
  return (
    <div class="past-body">
      {fate !== 'refused' && <p class="small">{m.fateHelp[fate]}</p>}
      {row.refused !== null && (
        <Notice icon="alert">
          <p>{m.refusedFor[row.refused.slug] ?? m.refusedOther(row.refused.slug)}</p>
          <button type="button" class="solid" onClick={() => void tryAgain(id)}>
            <Icon name="retry" /> {m.retry}
          </button>
        </Notice>
      )}
      {truth !== null && truth !== wanted(row) && (
        <p>
          <strong>{m.truth(labelName(task, truth))}</strong>
        </p>
      )}
      {mediaOf(row).startsWith('audio/') && <Player row={row} />}
      {label !== null && task === 'waste' && <BinFor key={label} id={`past-${id}`} category={label} />}
      <Corrector
        id={`past-corrector-${id}`}
        task={task}
        said={said?.label ?? null}
        top={said?.top ?? []}
        wish={row.correction}
        onChoose={(chosen) => void correct(id, chosen)}
        onUndo={() => void undo(id)}
      />
      {said !== null && (
        <p class="small">
          {m.said(said.label === null ? m.unsure : labelName(task, said.label), said.version)}
        </p>
      )}
      <Eraser
        ask={m.erase}
        sure={m.eraseSure}
        yes={m.eraseYes}
        onYes={() => {
          announce(m.erased);
          void erase([id]);
        }}
      />
    </div>
  );
}

/** The browser's own player: it knows keyboards, headphones and lock screens. */
function Player({ row }: { readonly row: Row }) {
  const source = useMedia(row);
  return source === null ? null : <audio class="player" controls preload="none" src={source} />;
}

interface EraserProps {
  readonly ask: string;
  readonly sure: string;
  readonly yes: string;
  readonly onYes: () => void;
}

/** What cannot be taken back is asked twice. */
export function Eraser({ ask, sure, yes, onYes }: EraserProps) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button type="button" class="quiet erase" onClick={() => setAsking(true)}>
        <Icon name="trash" /> {ask}
      </button>
    );
  }
  return (
    <div class="ask" role="group" aria-label={ask}>
      <p role="alert">{sure}</p>
      <div class="pair">
        <button type="button" class="solid" onClick={() => setAsking(false)}>
          {t().history.eraseNo}
        </button>
        <button type="button" class="solid danger" onClick={onYes}>
          <Icon name="trash" /> {yes}
        </button>
      </div>
    </div>
  );
}
