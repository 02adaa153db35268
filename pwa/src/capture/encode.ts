/** What leaves the device when the server must answer: the model's own square, without EXIF. */

interface Square {
  readonly pixels: Uint8Array;
  readonly side: number;
  readonly crop: number;
}

/** The side of a picture whose centre square, at `crop`, is exactly `side` wide. */
export function framedSide(side: number, crop: number): number {
  let framed = side;
  while (Math.floor(framed * crop + 0.5) < side) framed++;
  return framed;
}

/**
 * PNG of the square inside a grey border: the server crops every photo, so the border is what it
 * takes off, and it then sees the very bytes this device saw.
 */
export async function encodeForServer({ pixels, side, crop }: Square): Promise<Blob> {
  const framed = framedSide(side, crop);
  const canvas = new OffscreenCanvas(framed, framed);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no 2d canvas');
  context.fillStyle = '#808080';
  context.fillRect(0, 0, framed, framed);
  const margin = Math.floor((framed - side) / 2);
  context.putImageData(toImageData(pixels, side), margin, margin);
  return canvas.convertToBlob({ type: 'image/png' });
}

export function toImageData(rgb: Uint8Array, side: number): ImageData {
  const image = new ImageData(side, side);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    image.data[to] = rgb[from] as number;
    image.data[to + 1] = rgb[from + 1] as number;
    image.data[to + 2] = rgb[from + 2] as number;
    image.data[to + 3] = 255;
  }
  return image;
}
