/** Runs off the main thread: decoding, cropping, resizing, the network. */
import { fitted, resizeToRgb, squareBox } from '../capture/resize';
import { stretch } from '../capture/resample';
import type { Asked, Replied, RefusalKind, Request, Results, Source } from './protocol';
import { openModel, type OpenModel } from './runtime';

declare const self: DedicatedWorkerGlobalScope;

const COPY_QUALITY = 0.9;

const models = new Map<string, OpenModel>();

class Refusal extends Error {
  constructor(
    readonly kind: RefusalKind,
    cause: unknown,
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

async function decode(source: Source): Promise<ImageBitmap> {
  if (source instanceof ImageBitmap) return source;
  try {
    return await createImageBitmap(source, { imageOrientation: 'from-image' });
  } catch (cause) {
    throw new Refusal('undecodable', cause);
  }
}

/** A white canvas: transparency is white, as on the server. */
function canvas(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Refusal('runtime', 'no 2d canvas');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  return context;
}

/** The photo squared last, decoded: its copy costs no second decoding, and no answer waits for it. */
let held: { readonly photo: number; readonly bitmap: ImageBitmap } | null = null;

function hold(photo: number, bitmap: ImageBitmap): void {
  release();
  held = { photo, bitmap };
}

function release(): void {
  held?.bitmap.close();
  held = null;
}

/** Only the kept square is read back: a photo of 48 Mpx never lies whole in memory as RGB bytes. */
async function square(request: Extract<Request, { kind: 'square' }>): Promise<Results['square']> {
  release();
  const bitmap = await decode(request.source);
  hold(request.photo, bitmap);
  const box = squareBox(bitmap.width, bitmap.height, request.crop);
  const context = canvas(box.side, box.side);
  context.drawImage(bitmap, -box.left, -box.top);
  return resizeToRgb(context.getImageData(0, 0, box.side, box.side), request.side);
}

/** Drawn anew, so that nothing the camera wrote beside the pixels comes along. */
async function copy({ photo, longest }: Extract<Request, { kind: 'copy' }>): Promise<Results['copy']> {
  if (held?.photo !== photo) throw new Refusal('runtime', 'that photo is gone');
  const { width, height } = fitted(held.bitmap, longest);
  const context = canvas(width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(held.bitmap, 0, 0, width, height);
  release();
  const jpeg = await context.canvas.convertToBlob({ type: 'image/jpeg', quality: COPY_QUALITY });
  return jpeg.arrayBuffer();
}

async function answer(request: Request): Promise<Results[Request['kind']]> {
  switch (request.kind) {
    case 'square':
      return square(request);
    case 'copy':
      return copy(request);
    case 'open':
      models.get(request.sha256)?.close();
      models.set(request.sha256, await openModel(request.model));
      return null;
    case 'run': {
      const model = models.get(request.sha256);
      if (model === undefined) throw new Refusal('runtime', 'model not open');
      return model.run(request.input);
    }
    case 'resample':
      return stretch(request.sound, request.rate, request.start, request.count);
    case 'close':
      models.get(request.sha256)?.close();
      models.delete(request.sha256);
      return null;
  }
}

/** What moves to the page instead of being copied. */
function handedOver(result: Results[Request['kind']]): Transferable[] {
  if (result === null) return [];
  if (result instanceof ArrayBuffer) return [result];
  return [('scores' in result ? result.scores : result).buffer];
}

async function reply({ id, request }: Asked): Promise<void> {
  try {
    const result = await answer(request);
    const message: Replied = { id, ok: true, result };
    self.postMessage(message, handedOver(result));
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal('runtime', error);
    const message: Replied = { id, ok: false, refusal: refusal.kind, detail: refusal.message };
    self.postMessage(message);
  }
}

// One at a time, in order: the runtime's memory is shared by all models.
let queue = Promise.resolve();
self.onmessage = (event: MessageEvent<Asked>) => {
  queue = queue.then(() => reply(event.data));
};
