/** French words as people type them. Twin of backend/waste/french.py: same input, same output. */

const SILENT = new Set(
  (
    'a au aux avec c ca ce ces cet cette comment d dans de des du elle en est et il ils j je koi l ' +
    'la le les leur leurs m ma mes moi mon n ne nos notre nous on ou par pas pour qu quand que quel ' +
    'quelle quelles quels qui quoi s sa se ses si son sont sur t ta te tes toi ton tu un une va ' +
    'vais vont vos votre vous y'
  ).split(' '),
);
/** Said around the thing rather than of it: they count little, unless nothing else is said. */
export const WEAK: ReadonlySet<string> = new Set(
  (
    'abime ancien ancienne bac casse cassee collecte debarrasse debarrasser dechet defait dois doit ' +
    'faire faut hs jaune jete jeter jette mettre mort peri perime perimee plein pleine poubelle ' +
    'propre puis recycle recycler reste sale tri trie trier troue trouee usage usagee use usee vide ' +
    'vider vieil vieille vieux'
  ).split(' '),
);

const SOUNDS: readonly (readonly [RegExp, string])[] = [
  [/ph/g, 'f'],
  [/[cs]h/g, 'C'],
  [/qu?/g, 'k'],
  [/c(?=[eiy])/g, 's'],
  [/c/g, 'k'],
  [/gu(?=[eiy])/g, 'g'],
  [/ge(?=[ao])|g(?=[eiy])/g, 'j'],
  [/eau|au/g, 'o'],
  [/oin/g, 'WI'],
  [/o[iy]/g, 'Wa'],
  [/ou/g, 'u'],
  [/(eu|[aeu])ill|(eu|[ae])il$/g, '$1$2Y'],
  [/([^aeou])ill/g, '$1iY'],
  [/(?:ai|ei|[iyu])[nm](?![aeiouynm])/g, 'I'],
  [/[ae][nm](?![aeiouynm])/g, 'A'],
  [/o[nm](?![aeiouynm])/g, 'O'],
  [/[ae][iy]/g, 'e'],
  [/(...)e[rtz]$/g, '$1E'],
  [/h/g, ''],
  [/y/g, 'i'],
  [/z/g, 's'],
  [/w/g, 'v'],
  [/x/g, 'ks'],
  [/(.)\1+/g, '$1'],
  [/(..)(?:e|[stdpx]+)$/g, '$1'],
];

/** Reduces a text to a-z, 0-9 and single spaces. */
function spoken(text: string): string[] {
  const apart = text.toLowerCase().replaceAll('œ', 'oe').replaceAll('æ', 'ae').normalize('NFKD');
  return apart.replace(/[\u0300-\u036f]/g, '').match(/[a-z0-9]+/g) ?? [];
}

export function stem(word: string): string {
  if (word.length > 4 && word.endsWith('aux') && !'eyu'.includes(word.charAt(word.length - 4))) {
    return `${word.slice(0, -2)}l`;
  }
  return word.length > 3 && /[sx]$/.test(word) ? word.slice(0, -1) : word;
}

/** Cuts a text into its telling words, plural off; of only silent words, keeps all. */
export function telling(text: string): string[] {
  const words = spoken(text);
  const told = words.filter((word) => !SILENT.has(word)).map(stem);
  return told.length > 0 ? told : words;
}

/** Writes a word as it is heard, its silent ending dropped: bouteille, bouteil → buteY. */
export function sound(word: string): string {
  return SOUNDS.reduce((heard, [written, as]) => heard.replace(written, as), word);
}

/** Gives the letters of a word as bits: two words one slip apart differ in two at most. */
export function letters(word: string): number {
  let bits = 0;
  for (let at = 0; at < word.length; at++) bits |= 1 << word.charCodeAt(at) % 32;
  return bits;
}

/** Says how many bits are set. */
export function count(bits: number): number {
  let set = 0;
  for (let left = bits; left !== 0; left &= left - 1) set++;
  return set;
}

/** Says how many slips a word of this length may hold and still be itself. */
export function reach(word: string): number {
  return word.length < 4 ? 0 : word.length < 6 ? 1 : word.length < 9 ? 2 : 3;
}

/** Counts slips (a letter more, less, other, or two swapped); beyond `limit`, limit + 1. */
function slips(left: string, right: string, limit: number): number {
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, j) => j);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1];
      let cost = Math.min(
        (row[j] as number) + 1,
        (current[j - 1] as number) + 1,
        (row[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        cost = Math.min(cost, (before[j - 2] as number) + 1);
      }
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return limit + 1;
    before = row;
    row = current;
  }
  return Math.min(row[right.length] as number, limit + 1);
}

const single = (word: string): string => word.replace(/(.)\1+/g, '$1');

/** Compares two words as written and as heard, `near` slips at most: 0..1, 0 if farther. */
export function likeness(
  word: string,
  other: string,
  heard: string,
  otherHeard: string,
  near: number,
): number {
  if (single(word) === single(other)) return 0.95;
  let alike = 0;
  const written = slips(word, other, near);
  if (written <= near) alike = 1 - (1.1 * written) / Math.max(word.length, other.length);
  if (alike < 0.85) {
    const said = slips(heard, otherHeard, near);
    if (said <= near) {
      alike = Math.max(alike, 0.95 - (1.1 * said) / Math.max(heard.length, otherHeard.length));
    }
  }
  return alike;
}
