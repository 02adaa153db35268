/** One picture of a sound, with its sentence, its figures and its files. */
import { effect, type Signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { clock, measured, t } from '../i18n';
import type { Drawable, Kind, Style } from '../sound/axes';
import { drawPlot } from '../sound/plots';
import { csvOf, SHOWN_COEFFICIENTS, tableOf } from '../sound/table';
import type { View } from '../sound/view';
import { follow } from './gestures';
import { Icon } from './Icon';

interface Props {
  readonly kind: Kind;
  readonly drawable: Drawable;
  readonly view: Signal<View>;
  /** Of the sound: files are named after it. */
  readonly name: string;
}

export function Plot({ kind, drawable, view, name }: Props) {
  const m = t().plots;
  return (
    <figure class="plot" aria-label={m.names[kind]}>
      <h3>{m.names[kind]}</h3>
      <p>{m.means[kind]}</p>
      <Picture kind={kind} drawable={drawable} view={view} />
      <div class="row">
        <button type="button" class="chip" onClick={() => void savePng(kind, drawable, view.value, name)}>
          <Icon name="download" /> {m.png} <small>PNG</small>
          <span class="unseen">, {m.names[kind]}</span>
        </button>
        <button type="button" class="chip" onClick={() => saveCsv(kind, drawable, name)}>
          <Icon name="download" /> {m.csv} <small>CSV</small>
          <span class="unseen">, {m.names[kind]}</span>
        </button>
      </div>
      <Numbers kind={kind} drawable={drawable} />
    </figure>
  );
}

function Picture({ kind, drawable, view }: Omit<Props, 'name'>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element == null || context == null) return;
    const draw = (): void => {
      const size = { width: element.clientWidth, height: element.clientHeight };
      const scale = Math.min(3, devicePixelRatio);
      element.width = Math.max(1, Math.round(size.width * scale));
      element.height = Math.max(1, Math.round(size.height * scale));
      context.scale(scale, scale);
      drawPlot(context, kind, drawable, view.value, size, screenStyle(element, kind));
    };
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    const stopDrawing = effect(draw);
    const theme = matchMedia('(prefers-color-scheme: dark)');
    theme.addEventListener('change', draw);
    const stopFollowing = follow(element, view, drawable.spectra.seconds);
    return () => {
      observer.disconnect();
      stopDrawing();
      theme.removeEventListener('change', draw);
      stopFollowing();
    };
  }, [kind, drawable, view]);
  return <canvas ref={canvas} class="picture" role="img" aria-label={summaryOf(kind, drawable)} />;
}

/** What is seen at a glance, for who does not see it; the table says the rest. */
function summaryOf(kind: Kind, drawable: Drawable): string {
  const m = t().plots;
  const rows = tableOf(kind, drawable);
  const first = rows.map(({ values }) => values[0] ?? 0);
  const [low, high] = [Math.min(...first), Math.max(...first)];
  return `${m.names[kind]}. ${headingsOf(kind)[0] ?? ''} ${measured(low)} – ${measured(high)}`;
}

function styleOf(kind: Kind, ink: string, line: string, font: string): Style {
  const { axes, time } = t().plots;
  const names = { wave: axes.amplitude, mel: axes.hertz, stft: axes.hertz, mfcc: axes.coefficient, zcr: axes.share };
  return { ink, line, font, number: measured, xName: time, yName: names[kind] };
}

function screenStyle(element: Element, kind: Kind): Style {
  const { color, borderTopColor, fontFamily } = getComputedStyle(element);
  return styleOf(kind, color, borderTopColor, `12px ${fontFamily}`);
}

const PNG = { width: 1200, height: 520, scale: 2 };

async function savePng(kind: Kind, drawable: Drawable, view: View, name: string): Promise<void> {
  const canvas = document.createElement('canvas');
  canvas.width = PNG.width * PNG.scale;
  canvas.height = PNG.height * PNG.scale;
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.scale(PNG.scale, PNG.scale);
  drawPlot(context, kind, drawable, view, PNG, styleOf(kind, '#15221c', '#8b978f', '15px sans-serif'));
  // Behind what is drawn: a picture taken along stands on any page.
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, PNG.width, PNG.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob !== null) save(blob, `${stem(name)}-${kind}.png`);
}

function saveCsv(kind: Kind, drawable: Drawable, name: string): void {
  save(new Blob(csvOf(kind, drawable), { type: 'text/csv' }), `${stem(name)}-${kind}.csv`);
}

function stem(name: string): string {
  return name.replace(/\.[^.]*$/, '');
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the download has begun by then
}

function headingsOf(kind: Kind): readonly string[] {
  const { columns } = t().plots;
  const headings: Record<Kind, readonly string[]> = {
    wave: [columns.peak, columns.loudness],
    mel: [columns.band, columns.under],
    stft: [columns.strongest, columns.under],
    mfcc: Array.from({ length: SHOWN_COEFFICIENTS }, (_, k) => columns.coefficient(k)),
    zcr: [columns.share, columns.most],
  };
  return headings[kind];
}

function Numbers({ kind, drawable }: Pick<Props, 'kind' | 'drawable'>) {
  const m = t().plots;
  const [open, setOpen] = useState(false);
  return (
    <details class="numbers" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Icon name="table" /> {m.table}
        <span class="unseen">, {m.names[kind]}</span>
      </summary>
      {open && (
        <div class="wide" tabIndex={0} role="group" aria-label={`${m.names[kind]}, ${m.table}`}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{m.moment}</th>
                {headingsOf(kind).map((heading) => (
                  <th key={heading} scope="col">
                    {heading}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {tableOf(kind, drawable).map(({ from_s, to_s, values }) => (
                <tr key={from_s}>
                  <th scope="row">
                    {clock(from_s)} – {clock(to_s)}
                  </th>
                  {values.map((value, i) => (
                    <td key={i}>{measured(value)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
