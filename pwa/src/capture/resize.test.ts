import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fitted, resizeToRgb, squareBox } from './resize';

/** A picture with no smooth part, so that a wrong weight or a swapped pass shows. */
function pattern(width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const value = 7 * x * x + 11 * y * x + 83 * c + Math.floor((x * y * y) / 3);
        data[(y * width + x) * 4 + c] = value % 256;
      }
    }
  }
  return data;
}

// sha256 of numpy.asarray(Image.resize((side, side), BILINEAR)).tobytes() by Pillow 12, same pattern.
const PILLOW: readonly (readonly [number, number, number, string])[] = [
  [300, 200, 224, '4a57362cea80d639ee577c5696b80c57275bc8860fda02cb599ff68dc8459a05'],
  [224, 224, 224, '1057bc2aebdbbd2f8bcd78279559d2288a490d9378b2fe2c235ab51a0aceee4a'],
  [37, 53, 224, 'c1702c8ec6d090739190227f12d09e70445503f858312e05bfa5a1565a344d87'],
  [1000, 777, 224, '83f4a37d1c709a0e5cb6ec04392d6d36234a8963814ab0baf9d4420038241b15'],
  [225, 223, 224, '529815cadc222e467bb0e08e9e7d920304d0e66b0dbac225b62b1c6a69c73703'],
  [1, 1, 224, '9f6cd39376e20385e5598b5c5fe05f5ff0e9c404919e80e931f9840ff71f39ab'],
  [2268, 2268, 224, '5d8774a719243909b258065e13cce11886e62308b0e675d7cb26b7e6a4386644'],
  [449, 448, 96, '3c435cbf51e6ad2519573658de5c4242fb99c0e1f5d6790dbd06809c89493789'],
  [500, 500, 10, 'adacb71a51c28fd85a94339f5bb298b1bc63e5def7511bb97c956ea4be26a551'],
  [3, 3, 10, '8a1bcc0c4bb8d2dfc0c4cad894746e0ae0b2c3357c9150dd3f6db077ede1492e'],
];

describe('resizeToRgb', () => {
  test.each(PILLOW)('%i×%i to %i is what Pillow makes', (width, height, side, sha256) => {
    const rgb = resizeToRgb({ data: pattern(width, height), width, height }, side);
    expect(createHash('sha256').update(rgb).digest('hex')).toBe(sha256);
  });
});

test.each([
  [4032, 3024, 640, 480],
  [3024, 4032, 480, 640],
  [320, 200, 320, 200],
  [2000, 1, 640, 1],
])('a copy of %i×%i within 640 is %i×%i', (width, height, across, down) => {
  expect(fitted({ width, height }, 640)).toEqual({ width: across, height: down });
});

describe('squareBox', () => {
  test.each([
    [640, 480, 0.75, { left: 140, top: 60, side: 360 }],
    [480, 641, 0.75, { left: 60, top: 140, side: 360 }],
    [2, 2, 0.75, { left: 0, top: 0, side: 2 }],
    [1, 900, 0.25, { left: 0, top: 449, side: 1 }],
    [301, 200, 1, { left: 50, top: 0, side: 200 }],
  ])('%i×%i at crop %f', (width, height, crop, box) => {
    expect(squareBox(width, height, crop)).toEqual(box);
  });
});
