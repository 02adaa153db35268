/** What the microphone hears, drawn as it comes: the picture is full when the time is up. */
import { useEffect, useRef } from 'preact/hooks';
import type { Microphone } from '../capture/microphone';
import { t } from '../i18n';
import { PALETTE } from '../sound/plots';

/** Rows of the picture, from LOWEST_HZ to HIGHEST_HZ by ratios, as the ear has them. */
const ROWS = 128;
const LOWEST_HZ = 60;
const HIGHEST_HZ = 10_000;
/** dB under full scale that are dark, and over it bright. */
const DARK = -105;
const BRIGHT = -25;

interface Props {
  readonly microphone: Microphone;
  readonly limit_s: number;
}

export function LiveSpectrogram({ microphone, limit_s }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element == null || context == null) return;
    element.width = Math.max(1, Math.round(element.clientWidth * Math.min(2, devicePixelRatio)));
    element.height = ROWS;
    return follow(microphone, limit_s, context);
  }, [microphone, limit_s]);
  return <canvas ref={canvas} class="live" role="img" aria-label={t().listen.live} />;
}

/** Draw until told to stop: each frame fills from where the last one ended to where the time is. */
function follow({ analyser, seconds }: Microphone, limit_s: number, context: CanvasRenderingContext2D): () => void {
  const { width } = context.canvas;
  const levels = new Float32Array(analyser.frequencyBinCount);
  const bins = rowBins(analyser);
  const column = context.createImageData(1, ROWS);
  let drawn = 0;
  let frame = requestAnimationFrame(function draw() {
    const here = Math.min(width, Math.ceil((seconds.value / limit_s) * width));
    if (here > drawn) {
      analyser.getFloatFrequencyData(levels);
      paint(column, levels, bins);
      for (; drawn < here; drawn++) context.putImageData(column, drawn, 0);
    }
    frame = requestAnimationFrame(draw);
  });
  return () => cancelAnimationFrame(frame);
}

/** The first and the last bin of each row, lowest row first. */
function rowBins({ context, fftSize }: AnalyserNode): [first: number, last: number][] {
  const binOf = (row: number): number =>
    (LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (row / ROWS) * fftSize) / context.sampleRate;
  return Array.from({ length: ROWS }, (_, row) => [Math.round(binOf(row)), Math.max(Math.round(binOf(row)), Math.floor(binOf(row + 1)))]);
}

function paint({ data }: ImageData, levels: Float32Array, bins: readonly [number, number][]): void {
  bins.forEach(([first, last], row) => {
    let loudest = -Infinity;
    for (let bin = first; bin <= last; bin++) loudest = Math.max(loudest, levels[bin] ?? -Infinity);
    const colour = 3 * Math.round(255 * Math.min(1, Math.max(0, (loudest - DARK) / (BRIGHT - DARK))));
    const at = 4 * (ROWS - 1 - row);
    data.set(PALETTE.subarray(colour, colour + 3), at);
    data[at + 3] = 255;
  });
}
