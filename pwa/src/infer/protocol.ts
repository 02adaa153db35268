/** What the page and its inference worker say to each other. */

import type { Sound } from '../capture/resample';

export type Source = Blob | ImageBitmap;

/** What a graph takes: pixels 0..255, or samples -1..1. */
export type ModelInput = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

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
  | { readonly kind: 'run'; readonly sha256: string; readonly input: ModelInput }
  | {
      readonly kind: 'resample';
      readonly sound: Sound;
      readonly rate: number;
      /** The samples wanted of the result. */
      readonly start: number;
      readonly count: number;
    }
  | { readonly kind: 'close'; readonly sha256: string };

/** What a graph says of one input. */
export interface Heard {
  /** One probability per label. */
  readonly scores: Float32Array<ArrayBuffer>;
  /** Whether what the task is about is there at all, 0..1; 1 where the graph does not say. */
  readonly presence: number;
}

export interface Results {
  /** RGB bytes, side × side × 3. */
  readonly square: Uint8Array<ArrayBuffer>;
  /** A small JPEG of the whole photo: pixels only, no EXIF, no position. */
  readonly copy: ArrayBuffer;
  readonly open: null;
  readonly run: Heard;
  readonly resample: Float32Array<ArrayBuffer>;
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
