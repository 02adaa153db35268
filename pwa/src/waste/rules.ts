/** rule_for on the phone: territory → department → nation, and which level spoke. */
import type { Container, Rule, Statement, Exception } from '../api/types';

export interface Resolved {
  readonly rule: Statement;
  readonly unless: readonly Exception[];
}

/** The rule for a category. Undefined only for a category that the server does not know. */
export function ruleFor(
  rules: readonly Rule[],
  category: string,
  territory: string | null,
): Resolved | undefined {
  const rule = rules.find((candidate) => candidate.category === category);
  if (rule === undefined) return undefined;
  const local = rule.local.find((candidate) => candidate.territory === territory);
  if (local !== undefined) return { rule: local, unless: local.unless };
  return { rule, unless: rule.unless };
}

/** Every container that appears in a list of rules, by code. */
export function containersIn(rules: readonly Rule[]): ReadonlyMap<string, Container> {
  const found = new Map<string, Container>();
  for (const rule of rules) {
    const statements: readonly Statement[] = [
      rule,
      ...rule.unless,
      ...rule.local,
      ...rule.local.flatMap((local) => local.unless),
    ];
    for (const { container } of statements) found.set(container.code, container);
  }
  return found;
}

interface Guess {
  readonly label: string;
  readonly score: number;
}

/** A bin that is likely although the material is not, with the materials that lead to it. */
export interface LikelyBin {
  readonly container: Container;
  readonly labels: readonly string[];
}

/** From this sum of scores on, guesses that share a bin make the bin sure enough to be named. */
const LIKELY = 0.75;

/** The container that at least two of the guesses go to, if together they are likely enough. */
export function likelyBin(
  rules: readonly Rule[],
  guesses: readonly Guess[],
  territory: string | null,
): LikelyBin | undefined {
  const byBin = new Map<string, { container: Container; labels: string[]; score: number }>();
  for (const { label, score } of guesses) {
    const container = ruleFor(rules, label, territory)?.rule.container;
    if (container === undefined) continue;
    const known = byBin.get(container.code) ?? { container, labels: [], score: 0 };
    known.labels.push(label);
    known.score += score;
    byBin.set(container.code, known);
  }
  return [...byBin.values()].find(({ labels, score }) => labels.length > 1 && score >= LIKELY);
}
