/** Runs off the main thread: decoding, cropping, resizing, the network. */
import { resizeToRgb, squareBox } from '../capture/resize';
import type { Asked, Replied, RefusalKind, Request, Results, Source } from './protocol';
import { openModel, type OpenModel } from './runtime';

declare const self: DedicatedWorkerGlobalScope;

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

/** Only the kept square is read back: a photo of 48 Mpx never lies whole in memory as pixels. */
async function square(source: Source, side: number, crop: number): Promise<Results['square']> {
  const bitmap = await decode(source);
  const box = squareBox(bitmap.width, bitmap.height, crop);
  const context = new OffscreenCanvas(box.side, box.side).getContext('2d', {
    willReadFrequently: true,
  });
  if (context === null) throw new Refusal('runtime', 'no 2d canvas');
  context.fillStyle = '#fff'; // transparency is white, as on the server
  context.fillRect(0, 0, box.side, box.side);
  context.drawImage(bitmap, -box.left, -box.top);
  bitmap.close();
  const image = context.getImageData(0, 0, box.side, box.side);
  return resizeToRgb(image, side);
}

async function answer(request: Request): Promise<Results[Request['kind']]> {
  switch (request.kind) {
    case 'square':
      return square(request.source, request.side, request.crop);
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

async function reply({ id, request }: Asked): Promise<void> {
  try {
    const result = await answer(request);
    const message: Replied = { id, ok: true, result };
    self.postMessage(message, result === null ? [] : [result.buffer]);
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
