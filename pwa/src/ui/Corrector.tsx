/** "Is that right?": yes or another label in one tap, likeliest first; taken back for 30 seconds. */
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { t } from '../i18n';
import { undoLeft, type Wish } from '../store/rows';
import type { Ranked } from '../tasks/task';
import { announce } from './announce';
import { Icon } from './Icon';
import { labelName, labelsOf, lower } from './material';

interface Props {
  /** Unique on the page. */
  readonly id: string;
  /** Whose labels there are to choose from. */
  readonly task?: string;
  /** What the model said; null is "unsure". */
  readonly said: string | null;
  readonly top: readonly Ranked[];
  /** True where the likeliest stand above already, as choices with their bins. */
  readonly listed?: boolean;
  readonly wish: Wish | null;
  readonly onChoose: (label: string) => void;
  readonly onUndo: () => void;
}

export function Corrector({ id, task = 'waste', said, top, listed = false, wish, onChoose, onUndo }: Props) {
  const [all, setAll] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const [moved, move] = useReducer((n: number) => n + 1, 0);
  const label = wish?.label ?? null;
  useEffect(() => {
    if (moved > 0) box.current?.focus(); // the button that was pressed is gone
  }, [moved]);
  const choose = (chosen: string): void => {
    onChoose(chosen);
    setAll(false);
    announce(t().correct.noted(lower(chosen, task)));
    move(undefined);
  };
  const takeBack = (): void => {
    onUndo();
    announce(t().correct.undone);
    move(undefined);
  };
  return (
    <div class="corrector" ref={box} tabIndex={-1} role="group" aria-labelledby={`${id}-ask`}>
      {label === null ? (
        <Question
          id={id}
          task={task}
          said={said}
          top={listed ? [] : top}
          all={all}
          onAll={() => setAll(!all)}
          onChoose={choose}
        />
      ) : (
        <Noted
          id={id}
          name={lower(label, task)}
          wish={wish}
          all={all}
          onAll={() => setAll(!all)}
          onUndo={takeBack}
        />
      )}
      {all && <Labels task={task} chosen={label} top={top} onChoose={choose} />}
    </div>
  );
}

interface QuestionProps extends Pick<Props, 'id' | 'said' | 'top' | 'onChoose'> {
  readonly task: string;
  readonly all: boolean;
  readonly onAll: () => void;
}

function Question({ id, task, said, top, all, onAll, onChoose }: QuestionProps) {
  const m = t().correct;
  const others = top.filter(({ label }) => label !== said);
  return (
    <>
      <p class="label" id={`${id}-ask`}>
        {said === null ? (m.chooseOf[task] ?? m.choose) : m.ask}
      </p>
      <div class="chips">
        {said !== null && (
          <button type="button" class="chip yes" onClick={() => onChoose(said)}>
            <Icon name="check" /> {m.yes}
          </button>
        )}
        {!all &&
          others.map(({ label }) => (
            <button key={label} type="button" class="chip" onClick={() => onChoose(label)}>
              {labelName(task, label)}
            </button>
          ))}
        <button type="button" class="chip chip-more" aria-expanded={all} onClick={onAll}>
          {m.else}
        </button>
      </div>
    </>
  );
}

interface NotedProps extends Pick<Props, 'id' | 'onUndo'> {
  readonly name: string;
  readonly wish: Wish | null;
  readonly all: boolean;
  readonly onAll: () => void;
}

function Noted({ id, name, wish, all, onAll, onUndo }: NotedProps) {
  const m = t().correct;
  const seconds = useSecondsLeft(wish);
  return (
    <div class="noted">
      <Icon name="check" />
      <p id={`${id}-ask`}>{seconds > 0 ? m.noted(name) : m.yours(name)}</p>
      {seconds > 0 && (
        <button type="button" class="chip" onClick={onUndo}>
          <Icon name="undo" /> {m.undo} <small>{m.undoWithin(seconds)}</small>
        </button>
      )}
      <button type="button" class="quiet" aria-expanded={all} onClick={onAll}>
        {m.change}
      </button>
    </div>
  );
}

/** Whole seconds in which a word can be taken back; counts by itself. */
function useSecondsLeft(wish: Wish | null): number {
  const [, tick] = useReducer((n: number) => n + 1, 0);
  const left = undoLeft(wish, Date.now());
  useEffect(() => {
    if (left === 0) return;
    const timer = setTimeout(tick, left % 1000 || 1000);
    return () => clearTimeout(timer);
  });
  return Math.ceil(left / 1000);
}

interface LabelsProps extends Pick<Props, 'top' | 'onChoose'> {
  readonly task: string;
  readonly chosen: string | null;
}

/** All of them, the likeliest first. */
function Labels({ task, chosen, top, onChoose }: LabelsProps) {
  const likely = top.map(({ label }) => label);
  const ranked = [...likely, ...labelsOf(task).filter((label) => !likely.includes(label))];
  return (
    <ul class="chips materials">
      {ranked.map((label) => (
        <li key={label}>
          <button type="button" class="chip" aria-pressed={label === chosen} onClick={() => onChoose(label)}>
            {labelName(task, label)}
          </button>
        </li>
      ))}
    </ul>
  );
}
