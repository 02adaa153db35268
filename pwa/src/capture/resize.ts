/**
 * Pillow's fixed-point bilinear, byte for byte: phone and server see the same 224×224×3.
 *
 * Weights are computed in double precision, rounded to 22 bits; the horizontal pass comes first and
 * its result is rounded to bytes before the vertical one. Any other order differs in the last bit;
 * Pillow itself takes another where one side shrinks and the other grows, which a square never does.
 */

export interface Rgba {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

const PRECISION_BITS = 22;
const ONE = 2 ** PRECISION_BITS;
const HALF = 2 ** (PRECISION_BITS - 1);

/** The centre square that the model sees: twin of `ml.decode.square`. */
export function squareBox(width: number, height: number, crop: number): Box {
  const side = Math.max(1, Math.floor(Math.min(width, height) * crop + 0.5));
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), side };
}

/** The size of a picture whose longest side is at most `longest`. */
export function fitted(
  { width, height }: { readonly width: number; readonly height: number },
  longest: number,
): { readonly width: number; readonly height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  const scaled = (size: number): number => Math.max(1, Math.round(size * scale));
  return { width: scaled(width), height: scaled(height) };
}

/** RGBA → RGB bytes of `side`×`side`, row by row. Alpha is ignored: flatten before. */
export function resizeToRgb(image: Rgba, side: number): Uint8Array<ArrayBuffer> {
  const narrow = horizontal(image, side);
  return vertical(narrow, side, image.height);
}

interface Taps {
  /** First source pixel of each output pixel. */
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` weights per output pixel, `count` of them used. */
  readonly weights: Int32Array;
  readonly stride: number;
}

function bilinear(distance: number): number {
  const x = Math.abs(distance);
  return x < 1 ? 1 - x : 0;
}

function tapsOf(inSize: number, outSize: number): Taps {
  const scale = inSize / outSize;
  // When enlarging, the filter keeps its width of one source pixel.
  const filterScale = Math.max(scale, 1);
  const stride = Math.ceil(filterScale) * 2 + 1;
  const first = new Int32Array(outSize);
  const count = new Int32Array(outSize);
  const weights = new Int32Array(outSize * stride);
  const raw = new Float64Array(stride);
  for (let out = 0; out < outSize; out++) {
    const centre = (out + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - filterScale + 0.5));
    const end = Math.min(inSize, Math.trunc(centre + filterScale + 0.5));
    let total = 0;
    for (let x = start; x < end; x++) {
      const weight = bilinear((x - centre + 0.5) * (1 / filterScale));
      raw[x - start] = weight;
      total += weight;
    }
    for (let k = 0; k < end - start; k++) {
      weights[out * stride + k] = Math.floor(0.5 + ((raw[k] ?? 0) / total) * ONE);
    }
    first[out] = start;
    count[out] = end - start;
  }
  return { first, count, weights, stride };
}

/** RGBA rows → RGB rows of `side` pixels. */
function horizontal({ data, width, height }: Rgba, side: number): Uint8Array {
  const { first, count, weights, stride } = tapsOf(width, side);
  const out = new Uint8Array(side * height * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width * 4;
    for (let x = 0; x < side; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = row + (first[x] as number) * 4;
      const k0 = x * stride;
      const k1 = k0 + (count[x] as number);
      for (let k = k0; k < k1; k++, from += 4) {
        const weight = weights[k] as number;
        red += (data[from] as number) * weight;
        green += (data[from + 1] as number) * weight;
        blue += (data[from + 2] as number) * weight;
      }
      out[at++] = red >> PRECISION_BITS;
      out[at++] = green >> PRECISION_BITS;
      out[at++] = blue >> PRECISION_BITS;
    }
  }
  return out;
}

/** RGB rows of `side` pixels, `height` of them → `side` rows. */
function vertical(rows: Uint8Array, side: number, height: number): Uint8Array<ArrayBuffer> {
  const { first, count, weights, stride } = tapsOf(height, side);
  const row = side * 3;
  const out = new Uint8Array(side * row);
  for (let y = 0; y < side; y++) {
    const start = (first[y] as number) * row;
    const k0 = y * stride;
    const k1 = k0 + (count[y] as number);
    for (let x = 0; x < row; x++) {
      let sum = HALF;
      let from = start + x;
      for (let k = k0; k < k1; k++, from += row) {
        sum += (rows[from] as number) * (weights[k] as number);
      }
      out[y * row + x] = sum >> PRECISION_BITS;
    }
  }
  return out;
}
