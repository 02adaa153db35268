/** The square that the model saw, drawn from the very bytes it was given. */
import { useEffect, useRef } from 'preact/hooks';
import { toImageData } from '../capture/encode';
import type { Input } from '../tasks/recognise';

export function Thumb({ input, alt }: { readonly input: Input | null; readonly alt: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (input === null) return;
    canvas.current?.getContext('2d')?.putImageData(toImageData(input.pixels, input.side), 0, 0);
  }, [input]);
  if (input === null) return <div class="thumb thumb-empty" />;
  return <canvas class="thumb" ref={canvas} width={input.side} height={input.side} role="img" aria-label={alt} />;
}
