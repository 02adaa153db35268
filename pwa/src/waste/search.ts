/** Finds the product a French query names, without the network. Twin of backend/waste/search.py. */
import { WEAK, count, letters, likeness, reach, sound, stem, telling } from './french';

const MAX_QUERY = 120;
const MAX_WORDS = 8;
const MAX_NAME = 100;
const FLOOR = 0.5;
const UNLIKE = 0.6;

const MATERIALS = new Map<string, string>([
  ...['acier', 'alu', 'aluminium', 'fer', 'inox', 'metal', 'metallique'].map(
    (word) => [word, 'metal'] as const,
  ),
  ...['plastique', 'polystyrene', 'pvc'].map((word) => [word, 'plastique'] as const),
  ...['bois', 'carton', 'cuir', 'papier', 'verre'].map((word) => [word, word] as const),
  ['tissu', 'textile'],
]);

export interface Entry {
  readonly code: string;
  readonly name_fr: string;
  readonly synonyms: readonly string[];
  readonly everyday: readonly string[];
  readonly category: string;
}

export interface Hit {
  readonly code: string;
  readonly score: number;
  readonly matched: string;
}

/** One of the names of a product, and what each of its words is worth in it. */
interface Name {
  readonly code: string;
  readonly text: string;
  readonly trust: number;
  readonly material: string;
  readonly words: readonly (readonly [at: number, share: number])[];
  worths: readonly number[];
}

interface Match {
  readonly likeness: number;
  readonly position: number;
}

export class SearchIndex {
  readonly #words = new Map<string, number>();
  readonly #spelt: string[] = [];
  readonly #sounds: string[] = [];
  readonly #letters: number[] = [];
  readonly #bySound = new Map<string, number[]>();
  readonly #byLength = new Map<number, number[]>();
  readonly #places: [name: number, position: number][][] = [];
  readonly #names: Name[] = [];
  readonly #worth: readonly number[];
  readonly #unknown: number;

  constructor(entries: readonly Entry[]) {
    const holders: Set<string>[] = [];
    for (const entry of entries) {
      for (const [text, trust] of namesOf(entry)) {
        const words = weighed(text).map(([word, share], position) => {
          const at = this.#words.get(word) ?? this.#learn(word);
          (holders[at] ??= new Set()).add(entry.code);
          this.#places[at]?.push([this.#names.length, position]);
          return [at, share] as const;
        });
        const material = materialOf(text, entry);
        this.#names.push({ code: entry.code, text, trust, material, words, worths: [] });
      }
    }
    const known = new Set(this.#names.map(({ code }) => code)).size;
    this.#worth = holders.map(({ size }) => rounded(1 + Math.log((1 + known) / (1 + size))));
    this.#unknown = rounded(1 + Math.log(1 + known) / 2);
    for (const name of this.#names) {
      name.worths = name.words.map(([at, share]) => (this.#worth[at] as number) * share);
    }
  }

  /** Gives the products a query may mean, best first; none rather than any. */
  rank(query: string, limit = 20): Hit[] {
    const best = new Map<string, { score: number; matched: string }>();
    const asked = telling(Array.from(query).slice(0, MAX_QUERY).join('')).slice(0, MAX_WORDS);
    for (const reading of this.#readings(asked)) {
      this.#score(reading, (score, { code, text }) => {
        if (score >= FLOOR && score > (best.get(code)?.score ?? 0)) {
          best.set(code, { score, matched: text });
        }
      });
    }
    return [...best]
      .map(([code, { score, matched }]) => ({ code, score: rounded(score), matched }))
      .sort(
        (a, b) =>
          b.score - a.score ||
          a.matched.length - b.matched.length ||
          (a.code < b.code ? -1 : 1),
      )
      .slice(0, limit);
  }

  #learn(word: string): number {
    const at = this.#words.size;
    const heard = sound(word);
    this.#words.set(word, at);
    this.#spelt.push(word);
    this.#sounds.push(heard);
    this.#letters.push(letters(word));
    this.#places.push([]);
    append(this.#bySound, heard, at);
    append(this.#byLength, word.length, at);
    return at;
  }

  /** Reads the query as typed, with two words joined, or with one cut in two. */
  #readings(words: readonly string[]): string[][] {
    const readings = words.length > 0 ? [[...words]] : [];
    words.slice(1).forEach((right, at) => {
      const joined = (words[at] as string) + right;
      if (this.#knows(joined)) readings.push(words.toSpliced(at, 2, joined));
    });
    words.forEach((word, at) => {
      if (this.#knows(word)) return;
      for (let cut = 3; cut < word.length - 2; cut++) {
        const [left, right] = [stem(word.slice(0, cut)), word.slice(cut)];
        if (this.#knows(left) && this.#knows(right)) {
          readings.push(words.toSpliced(at, 1, left, right));
        }
      }
    });
    return readings;
  }

  #knows(word: string): boolean {
    return this.#words.has(word) || (word.length > 3 && this.#bySound.has(sound(word)));
  }

  /** Weighs every name that shares a word with the query: what is said, what is left out. */
  #score(words: readonly string[], tell: (score: number, name: Name) => void): void {
    const similar = words.map((word, at) => this.#similar(word, at === words.length - 1));
    const head = Math.max(0, words.findIndex((word) => !WEAK.has(word)));
    const weights = words.map(
      (word, at) => this.#weight(word, similar[at] as Map<number, number>) * (at === head ? 1.4 : 1),
    );
    const asked = new Set(words.flatMap((word) => MATERIALS.get(word) ?? []));
    for (const [index, met] of this.#meet(similar)) {
      const name = this.#names[index] as Name;
      let heard = 0;
      const told = new Map<number, number>();
      for (const [at, match] of met) {
        heard += (weights[at] as number) * match.likeness;
        told.set(match.position, Math.max(match.likeness, told.get(match.position) ?? 0));
      }
      let covered = 0;
      for (const [position, alike] of told) covered += (name.worths[position] as number) * alike;
      let score = (0.75 * heard) / sum(weights) + (0.25 * covered) / sum(name.worths);
      score *= name.trust;
      const order = [...met.values()].map(({ position }) => position);
      if (order.some((position, at) => position < (order[at - 1] ?? 0))) score *= 0.95;
      if (asked.size > 0 && name.material !== '' && !asked.has(name.material)) score *= 0.8;
      tell(score, name);
    }
  }

  /** Says how much a word of the query counts: as much as the known word it is likest. */
  #weight(word: string, similar: ReadonlyMap<number, number>): number {
    let likest: number | null = null;
    let most = 0;
    for (const [at, alike] of similar) {
      const spelt = (other: number): string => this.#spelt[other] as string;
      if (alike > most || (alike === most && likest !== null && spelt(at) < spelt(likest))) {
        [likest, most] = [at, alike];
      }
    }
    const weight = likest !== null && most > 0.7 ? (this.#worth[likest] as number) : this.#unknown;
    return weight * (WEAK.has(word) ? 0.15 : 1);
  }

  /** Gathers, name by name, the best match of each word of the query. */
  #meet(similar: readonly ReadonlyMap<number, number>[]): Map<number, Map<number, Match>> {
    const matches = new Map<number, Map<number, Match>>();
    similar.forEach((found, at) => {
      for (const [word, alike] of found) {
        for (const [name, position] of this.#places[word] ?? []) {
          const met = matches.get(name) ?? new Map<number, Match>();
          matches.set(name, met);
          const best = met.get(at) ?? { likeness: 0, position: 0 };
          if (alike > best.likeness || (alike === best.likeness && position < best.position)) {
            met.set(at, { likeness: alike, position });
          }
        }
      }
    });
    return matches;
  }

  /** Finds the known words that may be meant by one typed word, with their likeness 0..1. */
  #similar(word: string, typing: boolean): Map<number, number> {
    const [heard, own, far] = [sound(word), letters(word), reach(word)];
    const similar = new Map<number, number>();
    const suggest = (at: number, alike: number): void => {
      similar.set(at, Math.max(alike, similar.get(at) ?? 0));
    };
    for (let length = word.length - far; length <= word.length + far; length++) {
      for (const at of this.#byLength.get(length) ?? []) {
        const other = this.#spelt[at] as string;
        const near = other.startsWith(word.charAt(0)) ? far : Math.min(far, 1);
        if (count(own ^ (this.#letters[at] as number)) > 2 * near) continue;
        const alike = likeness(word, other, heard, this.#sounds[at] as string, near);
        if (alike >= UNLIKE) suggest(at, alike);
      }
    }
    if (typing && word.length > 1) {
      this.#spelt.forEach((other, at) => {
        if (other.startsWith(word)) suggest(at, 0.75 + (0.2 * word.length) / other.length);
      });
    }
    for (const at of this.#bySound.get(heard) ?? []) suggest(at, 0.9);
    const known = this.#words.get(word);
    if (known !== undefined) {
      for (const [at, alike] of similar) similar.set(at, 0.8 * alike);
      similar.set(known, 1);
    }
    return similar;
  }
}

function append<K>(lists: Map<K, number[]>, key: K, at: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [at]);
  else list.push(at);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Keeps four decimals, the same ones in every language. */
const rounded = (value: number): number => Math.floor(value * 10_000 + 0.5) / 10_000;

function namesOf(entry: Entry): (readonly [text: string, trust: number])[] {
  return [
    ...entry.everyday.map((text) => [text, 1] as const),
    [entry.name_fr, 0.99],
    ...entry.synonyms
      .filter((text) => text.length <= MAX_NAME)
      .map((text) => [text, 0.97] as const),
  ];
}

/** Cuts a name into words and shares; what stands in brackets only explains. */
function weighed(text: string): [word: string, share: number][] {
  const parts = text.replace(/\bhors\b.*/, '').match(/\([^)]*\)?|[^(]+/g) ?? [];
  return parts
    .flatMap((part) => telling(part).map((word): [string, number] => [word, part.startsWith('(') ? 0.4 : 1]))
    .map(([word, share], at) => [word, at === 0 ? share * 1.4 : share]);
}

/** Says what a name is made of: its own word for it, else the class of its product. */
function materialOf(text: string, entry: Entry): string {
  return telling(text).flatMap((word) => MATERIALS.get(word) ?? [])[0] ?? entry.category;
}
