/** What the page and its inference worker say to each other. */

export type Source = Blob | ImageBitmap;

export type Request =
  | {
      readonly kind: 'look';
      readonly source: Source;
      readonly side: number;
      readonly crop: number;
      /** Longest side of the copy. */
      readonly longest: number;
    }
  | { readonly kind: 'open'; readonly sha256: string; readonly model: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'run'; readonly sha256: string; readonly pixels: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'close'; readonly sha256: string };

export interface Results {
  readonly look: Look;
  readonly open: null;
  /** One probability per label. */
  readonly run: Float32Array<ArrayBuffer>;
  readonly close: null;
}

/** What is taken from a photo in one decoding. */
export interface Look {
  /** What the model sees: RGB bytes, side × side × 3. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** A small JPEG of the whole photo, for those who keep it: pixels only, no EXIF, no position. */
  readonly copy: ArrayBuffer;
}

/** Why the worker refused: `undecodable` is about the picture, `runtime` about this browser. */
export type RefusalKind = 'undecodable' | 'runtime';

export interface Asked {
  readonly id: number;
  readonly request: Request;
}

export type Replied =
  | { readonly id: number; readonly ok: true; readonly result: Results[Request['kind']] }
  | { readonly id: number; readonly ok: false; readonly refusal: RefusalKind; readonly detail: string };
