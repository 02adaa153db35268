/** Which ink is readable on a bin's colour. */

/** Relative luminance of #rrggbb, as WCAG defines it. */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const DARK = '#0b100e';
const LIGHT = '#ffffff';
/** For containers without a colour of their own. */
const PLAIN = '#5c6b64';

/** CSS custom properties of a bin: its colour, and the ink with the better contrast on it. */
export function binColours(colour: string | undefined): { '--bin': string; '--on-bin': string } {
  const bin = colour !== undefined && /^#[0-9a-f]{6}$/i.test(colour) ? colour : PLAIN;
  return { '--bin': bin, '--on-bin': contrast(bin, LIGHT) > contrast(bin, DARK) ? LIGHT : DARK };
}
