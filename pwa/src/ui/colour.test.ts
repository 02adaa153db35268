import { expect, test } from 'vitest';
import { binColours, contrast } from './colour';

test('black on white is 21', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
});

test.each(['#F7C600', '#2E8B57', '#6B6B6B', '#7B4A1E', '#1F5FA8', '#8A8A8A', '#B03A2E', ''])(
  'the ink on a bin of colour "%s" can be read',
  (colour) => {
    const { '--bin': bin, '--on-bin': ink } = binColours(colour);
    expect(contrast(bin, ink)).toBeGreaterThanOrEqual(4.5);
  },
);
