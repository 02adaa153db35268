import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { departmentAt, parseOutlines } from './outlines';

const file = readFileSync(new URL('../../public/outlines.bin', import.meta.url));
const outlines = parseOutlines(new Uint8Array(file).buffer);

test('every department has its outline', () => {
  expect(outlines).toHaveLength(101);
  expect(outlines.map(({ code }) => code)).toContain('2A');
  expect(outlines.every(({ rings }) => rings.length > 0)).toBe(true);
});

test.each([
  ['Bordeaux', -0.5792, 44.8378, '33'],
  ['Paris', 2.3522, 48.8566, '75'],
  ['Créteil', 2.4555, 48.7904, '94'],
  ['Ajaccio', 8.7386, 41.9192, '2A'],
  ['Brest', -4.4861, 48.3904, '29'],
  ['Valréas, an enclave of Vaucluse inside Drôme', 4.9914, 44.3847, '84'],
  ['Saint-Denis de La Réunion', 55.4481, -20.8789, '974'],
  ['Mamoudzou', 45.2279, -12.7806, '976'],
  ['Cayenne', -52.3135, 4.9224, '973'],
])('%s', (_town, lon, lat, code) => {
  expect(departmentAt(outlines, lon, lat)).toBe(code);
});

test('off the coast the nearest department answers', () => {
  expect(departmentAt(outlines, -1.62, 43.5)).toBe('64');
});

test.each([
  ['London', -0.1276, 51.5072],
  ['the middle of the Atlantic', -30, 45],
])('%s is in no department', (_place, lon, lat) => {
  expect(departmentAt(outlines, lon, lat)).toBeNull();
});

test('a cut file is refused, not half read', () => {
  expect(() => parseOutlines(new Uint8Array(file).buffer.slice(0, 5000))).toThrow(RangeError);
});
