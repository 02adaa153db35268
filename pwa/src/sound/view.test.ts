import { expect, test } from 'vitest';
import { isWhole, moved, ticks, whole, zoomed } from './view';

test('enlarging keeps the moment under the finger where it is', () => {
  expect(zoomed(whole(10), 2, 0.5, 10)).toEqual({ from_s: 2.5, to_s: 7.5 });
  expect(zoomed({ from_s: 2, to_s: 4 }, 2, 0, 10)).toEqual({ from_s: 2, to_s: 3 });
});

test.each([
  ['reduced as far as it goes', zoomed({ from_s: 8, to_s: 10 }, 0.01, 0.5, 10), whole(10)],
  ['reduced at its end', zoomed({ from_s: 8, to_s: 10 }, 0.5, 0.5, 10), { from_s: 6, to_s: 10 }],
  ['moved beyond its end', moved({ from_s: 7, to_s: 9 }, 5, 10), { from_s: 8, to_s: 10 }],
  ['moved before its beginning', moved({ from_s: 1, to_s: 3 }, -5, 10), { from_s: 0, to_s: 2 }],
])('a view %s stays inside the sound', (_what, view, expected) => {
  expect(view).toEqual(expected);
});

test('nothing is enlarged without end', () => {
  const { from_s, to_s } = zoomed(whole(10), 1e9, 0.5, 10);
  expect(to_s - from_s).toBeCloseTo(0.05);
});

test('a whole sound is whole', () => {
  expect(isWhole(whole(3), 3)).toBe(true);
  expect(isWhole({ from_s: 1, to_s: 3 }, 3)).toBe(false);
});

test.each([
  [0, 30, 6, [0, 5, 10, 15, 20, 25, 30]],
  [0.2, 1, 4, [0.2, 0.4, 0.6, 0.8, 1]],
  [-0.5, 0.5, 2, [-0.5, 0, 0.5]],
])('ticks from %s to %s are round', (from, to, count, expected) => {
  expect(ticks(from, to, count)).toEqual(expected);
});
