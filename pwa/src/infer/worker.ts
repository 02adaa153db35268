/** Runs off the main thread: decoding, cropping, resizing, the network. */
import { fitted, resizeToRgb, squareBox } from '../capture/resize';
import type { Asked, Look, Replied, RefusalKind, Request, Results, Source } from './protocol';
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

/** Only the kept square is read back: a photo of 48 Mpx never lies whole in memory as pixels. */
function square(bitmap: ImageBitmap, side: number, crop: number): Look['pixels'] {
  const box = squareBox(bitmap.width, bitmap.height, crop);
  const context = canvas(box.side, box.side);
  context.drawImage(bitmap, -box.left, -box.top);
  return resizeToRgb(context.getImageData(0, 0, box.side, box.side), side);
}

/** Drawn anew, so that nothing the camera wrote beside the pixels comes along. */
async function copyOf(bitmap: ImageBitmap, longest: number): Promise<ArrayBuffer> {
  const { width, height } = fitted(bitmap, longest);
  const context = canvas(width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  const jpeg = await context.canvas.convertToBlob({ type: 'image/jpeg', quality: COPY_QUALITY });
  return jpeg.arrayBuffer();
}

async function look({ source, side, crop, longest }: Extract<Request, { kind: 'look' }>): Promise<Look> {
  const bitmap = await decode(source);
  try {
    return { pixels: square(bitmap, side, crop), copy: await copyOf(bitmap, longest) };
  } finally {
    bitmap.close();
  }
}

async function answer(request: Request): Promise<Results[Request['kind']]> {
  switch (request.kind) {
    case 'look':
      return look(request);
    case 'open':
      models.get(request.sha256)?.close();
      models.set(request.sha256, await openModel(request.model));
      return null;
    case 'run': {
      const model = models.get(request.sha256);
      if (model === undefined) throw new Refusal('runtime', 'model not open');
      return model.run(request.pixels);
    }
    case 'close':
      models.get(request.sha256)?.close();
      models.delete(request.sha256);
      return null;
  }
}

/** What moves to the page instead of being copied. */
function handedOver(result: Results[Request['kind']]): Transferable[] {
  if (result === null) return [];
  return 'copy' in result ? [result.pixels.buffer, result.copy] : [result.buffer];
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
