/** The outlines of the departments, and in which of them a position lies. All on the device. */

export interface Outline {
  readonly code: string;
  /** Rings as flat [lon, lat, lon, lat, …] in degrees × 10⁴; holes are rings too (even-odd). */
  readonly rings: readonly Int32Array[];
}

/** Degrees are stored × 10⁴ (about 10 m), as in the source. */
export const SCALE = 1e4;

/** Beyond this many km from the nearest outline, a position is not in France. */
const REACH_KM = 10;
const KM_PER_DEGREE = 111.2;

/** Read public/outlines.bin: per department its code, its rings, each as zigzag varint deltas. */
export function parseOutlines(buffer: ArrayBuffer): Outline[] {
  const bytes = new Uint8Array(buffer);
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('outlines end too early');
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const delta = (): number => {
    const value = varint();
    return (value >>> 1) ^ -(value & 1);
  };
  const ring = (): Int32Array => {
    const points = new Int32Array(varint() * 2);
    let lon = 0;
    let lat = 0;
    for (let i = 0; i < points.length; i += 2) {
      points[i] = lon += delta();
      points[i + 1] = lat += delta();
    }
    return points;
  };
  const outlines: Outline[] = [];
  while (at < bytes.length) {
    const length = varint();
    const code = String.fromCharCode(...bytes.subarray(at, at + length));
    at += length;
    outlines.push({ code, rings: Array.from({ length: varint() }, ring) });
  }
  return outlines;
}

/** The code of the department of a position; near a coast the nearest; null outside France. */
export function departmentAt(outlines: readonly Outline[], lon: number, lat: number): string | null {
  const x = lon * SCALE;
  const y = lat * SCALE;
  const around = outlines.find(({ rings }) => isInside(rings, x, y));
  if (around !== undefined) return around.code;
  const shrink = Math.cos((lat * Math.PI) / 180);
  let nearest: string | null = null;
  let best = ((REACH_KM / KM_PER_DEGREE) * SCALE) ** 2;
  for (const { code, rings } of outlines) {
    for (const ring of rings) {
      const squared = squaredDistance(ring, x, y, shrink);
      if (squared < best) [best, nearest] = [squared, code];
    }
  }
  return nearest;
}

function isInside(rings: readonly Int32Array[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    const last = ring.length - 2;
    let [x0, y0] = [ring[last] as number, ring[last + 1] as number];
    for (let i = 0; i < ring.length; i += 2) {
      const [x1, y1] = [ring[i] as number, ring[i + 1] as number];
      if (y0 > y !== y1 > y && x < ((x0 - x1) * (y - y1)) / (y0 - y1) + x1) inside = !inside;
      [x0, y0] = [x1, y1];
    }
  }
  return inside;
}

/** Squared distance to a ring's edges, in stored units, longitudes shrunk to the latitude. */
function squaredDistance(ring: Int32Array, x: number, y: number, shrink: number): number {
  let best = Infinity;
  for (let i = 0; i + 3 < ring.length; i += 2) {
    const ax = ((ring[i] as number) - x) * shrink;
    const ay = (ring[i + 1] as number) - y;
    const dx = ((ring[i + 2] as number) - x) * shrink - ax;
    const dy = (ring[i + 3] as number) - y - ay;
    const length = dx * dx + dy * dy;
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length));
    best = Math.min(best, (ax + t * dx) ** 2 + (ay + t * dy) ** 2);
  }
  return best;
}
