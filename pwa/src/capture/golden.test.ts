import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { resizeToRgb, squareBox } from './resize';

interface Golden {
  readonly side: number;
  readonly crop: number;
  readonly photos: readonly { readonly file: string; readonly sha256: string }[];
}

const folder = new URL('../../../tests/golden/waste/', import.meta.url);
const golden = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Golden;

/** The kept square of a picture, as the worker reads it from its canvas. */
function cropped(picture: PNG): PNG {
  const { left, top, side } = squareBox(picture.width, picture.height, golden.crop);
  const square = new PNG({ width: side, height: side });
  PNG.bitblt(picture, square, left, top, side, side, 0, 0);
  return square;
}

test.each(golden.photos)('$file is the square that Pillow makes', ({ file, sha256 }) => {
  const picture = PNG.sync.read(readFileSync(new URL(file, folder)));
  const rgb = resizeToRgb(cropped(picture), golden.side);
  expect(createHash('sha256').update(rgb).digest('hex')).toBe(sha256);
});
