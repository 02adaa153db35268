import { describe, expect, test } from 'vitest';
import { framing, mayBePhoto } from './camera';
import { framedSide } from './encode';
import { squareBox } from './resize';

describe('framing', () => {
  test.each([
    ['portrait video in a portrait place', 720, 1280, 366, 450, 0.75 * 366, 'cover'],
    ['landscape video in a portrait place', 640, 480, 366, 450, 0.75 * 450, 'cover'],
    ['landscape video in a landscape place', 640, 480, 600, 500, 0.75 * 500, 'cover'],
    ['landscape video in a very tall place', 640, 480, 300, 600, 0.75 * 225, 'contain'],
    ['landscape video in a very wide place', 640, 480, 900, 300, 0.75 * 300, 'contain'],
  ])('%s', (_name, vw, vh, width, height, side, fit) => {
    const framed = framing({ width: vw, height: vh }, { width, height }, 0.75);
    expect(framed.fit).toBe(fit);
    expect(framed.side).toBeCloseTo(side);
  });

  test('before the video has a size, the frame is that of the place', () => {
    expect(framing({ width: 0, height: 0 }, { width: 300, height: 400 }, 0.75).side).toBe(225);
  });
});

test.each([0.5, 0.6, 0.75, 0.8, 1])('a framed square at crop %f is cropped back to itself', (crop) => {
  const framed = framedSide(224, crop);
  const box = squareBox(framed, framed, crop);
  expect(box.side).toBe(224);
  expect(box.left).toBe(Math.floor((framed - 224) / 2));
});

test.each([
  ['image/jpeg', 'a.jpg', true],
  ['', 'IMG_0001.HEIC', true],
  ['', 'notes.txt', false],
  ['application/pdf', 'a.pdf', false],
])('type "%s" named %s may be a photo: %s', (type, name, verdict) => {
  expect(mayBePhoto({ type, name })).toBe(verdict);
});
