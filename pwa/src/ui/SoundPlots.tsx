/** "See the sound": five pictures that share one zoom, each explained, in figures, and to take along. */
import { signal, useSignal, type Signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { clock, t } from '../i18n';
import { KINDS, type Drawable } from '../sound/axes';
import { spectraOf } from '../sound/draw';
import { isWhole, moved, whole, zoomed, type View } from '../sound/view';
import { soundOf, type Take } from '../tasks/takes';
import { Icon, type IconName } from './Icon';
import { Plot } from './Plot';

type Drawing = { readonly kind: 'computing' | 'failed' } | { readonly kind: 'ready'; readonly drawable: Drawable };

export function SoundPlots({ take }: { readonly take: Take }) {
  const m = t().plots;
  const [open, setOpen] = useState(false);
  return (
    <details class="plots" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="sound" /> {m.title}
      </summary>
      {open && <Plots take={take} />}
    </details>
  );
}

function Plots({ take }: { readonly take: Take }) {
  const m = t().plots;
  const drawing = useDrawing(take);
  if (drawing.kind === 'ready') {
    return <Ready drawable={drawing.drawable} name={take.file?.name ?? t().listen.recordingName} />;
  }
  if (drawing.kind === 'failed') return <p role="status">{m.failed}</p>;
  return (
    <div class="plots-wait" role="status">
      <div class="sieve" aria-hidden="true" />
      <p>{m.computing}</p>
    </div>
  );
}

function useDrawing(take: Take): Drawing {
  const drawing = useSignal<Drawing>({ kind: 'computing' });
  useEffect(() => {
    const abort = new AbortController();
    const draw = async (): Promise<void> => {
      try {
        const sound = await soundOf(take);
        const spectra = await spectraOf(sound, abort.signal);
        drawing.value = { kind: 'ready', drawable: { sound, spectra } };
      } catch {
        // Too little memory, or a file that is gone: said, and nothing else stops.
        if (!abort.signal.aborted) drawing.value = { kind: 'failed' };
      }
    };
    void draw();
    return () => abort.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a take's sound never changes
  }, [take.id]);
  return drawing.value;
}

function Ready({ drawable, name }: { readonly drawable: Drawable; readonly name: string }) {
  const { seconds } = drawable.spectra;
  const [view] = useState<Signal<View>>(() => signal(whole(seconds)));
  return (
    <div class="plots-ready" onKeyDown={(event) => onKey(event, view, seconds)}>
      <Toolbar view={view} seconds={seconds} />
      <p class="small">{t().plots.toolbarHelp}</p>
      {KINDS.map((kind) => (
        <Plot key={kind} kind={kind} drawable={drawable} view={view} name={name} />
      ))}
    </div>
  );
}

const STEP = 2;

function onKey(event: KeyboardEvent, view: Signal<View>, seconds: number): void {
  if (event.target instanceof HTMLElement && event.target.closest('.numbers') !== null) return;
  const next = {
    '+': () => zoomed(view.value, STEP, 0.5, seconds),
    '=': () => zoomed(view.value, STEP, 0.5, seconds),
    '-': () => zoomed(view.value, 1 / STEP, 0.5, seconds),
    '0': () => whole(seconds),
    ArrowLeft: () => moved(view.value, -0.25, seconds),
    ArrowRight: () => moved(view.value, 0.25, seconds),
  }[event.key];
  if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  view.value = next();
  event.preventDefault();
}

function Toolbar({ view, seconds }: { readonly view: Signal<View>; readonly seconds: number }) {
  const m = t().plots;
  const { from_s, to_s } = view.value;
  const all = isWhole(view.value, seconds);
  const buttons: readonly { icon: IconName; label: string; off: boolean; next: () => View }[] = [
    { icon: 'zoomIn', label: m.zoomIn, off: false, next: () => zoomed(view.value, STEP, 0.5, seconds) },
    { icon: 'zoomOut', label: m.zoomOut, off: all, next: () => zoomed(view.value, 1 / STEP, 0.5, seconds) },
    { icon: 'back', label: m.earlier, off: from_s <= 0, next: () => moved(view.value, -0.5, seconds) },
    { icon: 'next', label: m.later, off: to_s >= seconds, next: () => moved(view.value, 0.5, seconds) },
  ];
  return (
    <div class="plots-bar" role="group" aria-label={m.toolbar}>
      {buttons.map(({ icon, label, off, next }) => (
        <button
          key={icon}
          type="button"
          class="quiet icon-only"
          aria-label={label}
          aria-disabled={off}
          onClick={() => {
            if (!off) view.value = next();
          }}
        >
          <Icon name={icon} />
        </button>
      ))}
      <button type="button" class="quiet" aria-disabled={all} onClick={() => (view.value = whole(seconds))}>
        {m.whole}
      </button>
      <span class="plots-range" role="status">
        {m.shown(stamp(from_s), stamp(to_s))}
      </span>
    </div>
  );
}

/** Close up, tenths count. */
function stamp(seconds: number): string {
  return `${clock(seconds)}.${Math.floor((seconds % 1) * 10)}`;
}
