/** What the page and its inference worker say to each other. */

export type Source = Blob | ImageBitmap;

export type Request =
  | {
      readonly kind: 'square';
      /** The page's number for this photo: a copy of it may be asked next. */
      readonly photo: number;
      readonly source: Source;
      readonly side: number;
      readonly crop: number;
    }
  | { readonly kind: 'copy'; readonly photo: number; readonly longest: number }
  | { readonly kind: 'open'; readonly sha256: string; readonly model: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'run'; readonly sha256: string; readonly pixels: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'close'; readonly sha256: string };

export interface Results {
  /** RGB bytes, side × side × 3. */
  readonly square: Uint8Array<ArrayBuffer>;
  /** A small JPEG of the whole photo: pixels only, no EXIF, no position. */
  readonly copy: ArrayBuffer;
  readonly open: null;
  /** One probability per label. */
  readonly run: Float32Array<ArrayBuffer>;
  readonly close: null;
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
