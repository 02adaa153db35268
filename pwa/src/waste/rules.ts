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

/** The one container that all these categories go to by default, if they agree. */
export function sameContainer(
  rules: readonly Rule[],
  categories: readonly string[],
  territory: string | null,
): Container | undefined {
  const containers = categories.map(
    (category) => ruleFor(rules, category, territory)?.rule.container,
  );
  const first = containers[0];
  return containers.every((container) => container?.code === first?.code) ? first : undefined;
}
