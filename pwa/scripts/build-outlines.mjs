/**
 * Packs the departments' outlines for the app: node scripts/build-outlines.mjs departments.geojson
 * Degrees × 10⁴ as zigzag varint deltas, ring by ring; src/waste/outlines.ts reads them back.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const SCALE = 1e4;
const [source] = process.argv.slice(2);
const { features } = JSON.parse(readFileSync(source, 'utf8'));
const bytes = [];

function varint(value) {
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  bytes.push(value);
}

const delta = (value) => varint(((value << 1) ^ (value >> 31)) >>> 0);

for (const { properties, geometry } of features.sort((a, b) =>
  a.properties.code < b.properties.code ? -1 : 1,
)) {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const rings = polygons.flat();
  bytes.push(properties.code.length, ...Buffer.from(properties.code, 'latin1'));
  varint(rings.length);
  for (const ring of rings) {
    varint(ring.length);
    let [lon, lat] = [0, 0];
    for (const point of ring) {
      const [x, y] = point.map((degrees) => Math.round(degrees * SCALE));
      delta(x - lon);
      delta(y - lat);
      [lon, lat] = [x, y];
    }
  }
}

const packed = Buffer.from(bytes);
writeFileSync(new URL('../public/outlines.bin', import.meta.url), packed);
console.log(`${features.length} departments, ${packed.length} bytes, ${gzipSync(packed).length} gzip`);
