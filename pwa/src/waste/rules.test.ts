import { describe, expect, test } from 'vitest';
import type { Exception, LocalRule, Rule } from '../api/types';
import { containersIn, likelyBin, ruleFor } from './rules';

function container(code: string): Rule['container'] {
  return { code, name_fr: code, name_en: code, colour: '#123456', icon: 'trash', kind: 'bin' };
}

function statement(code: string) {
  return {
    condition_fr: '',
    condition_en: '',
    container: container(code),
    other_containers: [],
    advice_fr: '',
    advice_en: '',
    scope: 'national' as const,
    source: 'ADEME',
    source_url: '',
    source_date: '2025-04-17',
    confidence: 'high' as const,
  };
}

function about(category: string) {
  return { category, category_name_fr: '', category_name_en: '', hint_fr: '', hint_en: '' };
}

const greasy: Exception = { ...statement('BIODECHETS'), key: 'greasy' };
const toBlueBank: LocalRule = {
  ...statement('BORNE_PAPIER'),
  ...about('papier'),
  scope: 'local',
  territory: '85-trivalis',
  unless: [],
};
const rules: Rule[] = [
  { ...statement('BAC_JAUNE'), ...about('papier'), unless: [greasy], local: [toBlueBank] },
  { ...statement('BAC_JAUNE'), ...about('carton'), unless: [], local: [] },
  { ...statement('BORNE_VERRE'), ...about('verre'), unless: [], local: [] },
];

describe('ruleFor', () => {
  test('a territory that documents its rule is heard first', () => {
    const resolved = ruleFor(rules, 'papier', '85-trivalis');
    expect(resolved?.rule.container.code).toBe('BORNE_PAPIER');
    expect(resolved?.rule.scope).toBe('local');
    expect(resolved?.unless).toEqual([]);
  });

  test.each([null, 'elsewhere'])('territory %s: the department answers, with its exceptions', (territory) => {
    const resolved = ruleFor(rules, 'papier', territory);
    expect(resolved?.rule.container.code).toBe('BAC_JAUNE');
    expect(resolved?.unless.map(({ key }) => key)).toEqual(['greasy']);
  });

  test('a material nobody wrote about has no rule', () => {
    expect(ruleFor(rules, 'plutonium', null)).toBeUndefined();
  });
});

test('containersIn finds those of exceptions and territories too', () => {
  expect([...containersIn(rules).keys()].sort()).toEqual([
    'BAC_JAUNE',
    'BIODECHETS',
    'BORNE_PAPIER',
    'BORNE_VERRE',
  ]);
});

describe('likelyBin', () => {
  const guess = (label: string, score: number) => ({ label, score });

  test('materials that share a bin make it likely together', () => {
    const guesses = [guess('papier', 0.45), guess('carton', 0.35), guess('verre', 0.1)];
    const likely = likelyBin(rules, guesses, null);
    expect(likely?.container.code).toBe('BAC_JAUNE');
    expect(likely?.labels).toEqual(['papier', 'carton']);
  });

  test('a territory may send them apart', () => {
    const guesses = [guess('papier', 0.45), guess('carton', 0.35), guess('verre', 0.1)];
    expect(likelyBin(rules, guesses, '85-trivalis')).toBeUndefined();
  });

  test.each([
    ['together they are not likely', [guess('papier', 0.4), guess('carton', 0.2)]],
    ['one material alone says nothing new', [guess('verre', 0.78), guess('papier', 0.1)]],
    ['nobody wrote about them', [guess('plutonium', 0.5), guess('radium', 0.4)]],
  ])('none when %s', (_why, guesses) => {
    expect(likelyBin(rules, guesses, null)).toBeUndefined();
  });
});
