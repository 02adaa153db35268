/** A sound as a line with its passages under it: seen, touched, heard. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { clock, percent, t } from '../i18n';
import { extremes } from '../sound/plots';
import type { Sound } from '../capture/resample';
import type { SoundTask, Stretch } from '../tasks/task';
import { Icon } from './Icon';
import { labelName } from './material';
import type { Playback } from './playback';
import { passagesOf, type Passage } from './passages';
import { tintOf } from './tint';

interface Props {
  readonly task: SoundTask;
  readonly sound: Sound | null;
  readonly windows: readonly Stretch[];
  readonly seconds: number;
  readonly playback: Playback;
}

export function Track({ task, sound, windows, seconds, playback }: Props) {
  const passages = passagesOf(windows, seconds);
  return (
    <div class="track">
      <Line sound={sound} seconds={seconds} playback={playback} />
      {passages.length > 1 && (
        <>
          <Timeline task={task} passages={passages} seconds={seconds} playback={playback} />
          <Legend task={task} passages={passages} />
          <Table task={task} passages={passages} playback={playback} />
        </>
      )}
    </div>
  );
}

const COLUMNS = 480;

/** The waveform; a tap goes there. Who cannot tap has the passages. */
function Line({ sound, seconds, playback }: Pick<Props, 'sound' | 'seconds' | 'playback'>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (sound !== null && canvas.current !== null) drawLine(canvas.current, sound);
  }, [sound]);
  const share = seconds === 0 ? 0 : Math.min(1, playback.position_s.value / seconds);
  return (
    <div
      class="line"
      aria-hidden="true"
      onClick={(event) => {
        const { left, width } = event.currentTarget.getBoundingClientRect();
        playback.play(Math.max(0, ((event.clientX - left) / width) * seconds));
      }}
    >
      <canvas ref={canvas} width={COLUMNS} height={96} />
      {share > 0 && <i style={{ left: `${share * 100}%` }} />}
    </div>
  );
}

/** A mask: its colour is the paper's ink, whatever the theme. */
function drawLine(canvas: HTMLCanvasElement, { samples }: Sound): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { low, high } = extremes(samples, 0, samples.length, COLUMNS);
  const reach = Math.max(0.02, ...high, ...low.map(Math.abs));
  const middle = canvas.height / 2;
  context.clearRect(0, 0, COLUMNS, canvas.height);
  context.fillStyle = getComputedStyle(canvas).color;
  for (let column = 0; column < COLUMNS; column += 3) {
    const part = (values: Float32Array): number => Math.max(...values.subarray(column, column + 3).map(Math.abs));
    const half = Math.max(1.5, (middle - 2) * (Math.max(part(low), part(high)) / reach));
    context.fillRect(column, middle - half, 2, 2 * half);
  }
}

type PassagesProps = Pick<Props, 'task' | 'playback'> & { readonly passages: readonly Passage[] };

function Timeline({ task, passages, seconds, playback }: PassagesProps & Pick<Props, 'seconds'>) {
  const m = t().listen;
  const [chosen, setChosen] = useState(0);
  const now = playback.playing.value ? passages.findLastIndex(({ from_s }) => from_s <= playback.position_s.value) : chosen;
  const current = passages[now] ?? passages[0];
  if (current === undefined) return null;
  const play = (at: number): void => {
    setChosen(at);
    const passage = passages[at];
    if (passage !== undefined) playback.play(passage.from_s, passage.to_s);
  };
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -passages.length, End: passages.length }[event.key];
    if (event.key === 'Enter' || event.key === ' ') play(chosen);
    else if (step !== undefined) setChosen(Math.min(passages.length - 1, Math.max(0, chosen + step)));
    else return;
    event.preventDefault();
  };
  return (
    <div
      class="timeline"
      data-playing={playback.playing.value}
      role="slider"
      tabIndex={0}
      aria-label={m.timelineLabel}
      aria-valuemin={1}
      aria-valuemax={passages.length}
      aria-valuenow={now + 1}
      aria-valuetext={`${m.stretch(clock(current.from_s), clock(current.to_s))}, ${labelName(task, current.label)}, ${percent(current.score)}`}
      onKeyDown={press}
      onClick={(event) => {
        const { left, width } = event.currentTarget.getBoundingClientRect();
        const at = ((event.clientX - left) / width) * seconds;
        play(Math.max(0, passages.findLastIndex(({ from_s }) => from_s <= at)));
      }}
    >
      {passages.map(({ from_s, to_s, label, score, letter, first }, i) => {
        const tint = tintOf(task, label);
        return (
          <span
            key={from_s}
            class="passage tint"
            data-now={i === now}
            data-pattern={tint['data-pattern']}
            style={{ ...tint.style, flexGrow: String(to_s - from_s), '--share': `${score * 100}%` }}
          >
            {first && <b>{letter}</b>}
          </span>
        );
      })}
    </div>
  );
}

/** What the letters mean, the most heard first. */
function Legend({ task, passages }: Pick<PassagesProps, 'task' | 'passages'>) {
  const letters = new Map(passages.map(({ letter, label }) => [letter, label]));
  return (
    <ul class="legend" aria-hidden="true">
      {[...letters].sort(([a], [b]) => (a < b ? -1 : 1)).map(([letter, label]) => (
        <li key={letter}>
          <b class="tint" {...tintOf(task, label)}>
            {letter}
          </b>
          {labelName(task, label)}
        </li>
      ))}
    </ul>
  );
}

function Table({ task, passages, playback }: PassagesProps) {
  const m = t().listen;
  const [open, setOpen] = useState(false);
  return (
    <details class="numbers" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="table" /> {m.timeline} · {m.asTable}
      </summary>
      {open && (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{m.moment}</th>
              <th scope="col">{m.mostLikely}</th>
              <th scope="col">{m.confidence}</th>
            </tr>
          </thead>
          <tbody>
            {passages.map(({ from_s, to_s, label, score }) => {
              const [from, to] = [clock(from_s), clock(to_s)];
              return (
                <tr key={from_s}>
                  <th scope="row">
                    <button
                      type="button"
                      class="quiet play-part"
                      onClick={() => playback.play(from_s, to_s)}
                    >
                      <Icon name="play" />
                      <span>
                        <span class="unseen">{m.playStretch} </span>
                        {from} – {to}
                      </span>
                    </button>
                  </th>
                  <td>{labelName(task, label)}</td>
                  <td>{percent(score)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </details>
  );
}
