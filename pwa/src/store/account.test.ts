import { expect, test } from 'vitest';
import type { ConsentWord, Person } from '../api/types';
import { adopted, NOBODY, untold, withWord } from './account';

const word = (granted: boolean): ConsentWord => ({ ...{ granted, purpose: 'store' }, text_version: '2026-11', at: '' });
const person = (store: ConsentWord | null, train: ConsentWord | null): Person => ({
  ...{ pseudonym: 'merle-sage-0001', email: null, locale: 'fr', department: null, mail: false },
  consents: { store, train },
});

test('nothing is allowed, and nothing is to tell, before anybody spoke', () => {
  expect(NOBODY.allows).toEqual({ store: null, train: null });
  expect(untold(NOBODY)).toEqual([]);
});

test('learning is told after keeping, and taken back before it', () => {
  const yes = withWord(NOBODY, true, true);
  expect(untold(yes)).toEqual(['store', 'train']);
  const told = { ...yes, told: yes.allows };
  expect(untold(withWord(told, false, true))).toEqual(['train', 'store']);
});

test('no to keeping is no to learning', () => {
  expect(withWord(NOBODY, false, true).allows).toEqual({ store: false, train: false });
});

test('a no that the server never heard a yes before is not worth a pseudonym', () => {
  expect(untold(withWord(NOBODY, false, false))).toEqual([]);
});

test('another phone of the same person took back a consent: so it is here', () => {
  const said = { ...withWord(NOBODY, true, true), told: { store: true, train: true } };
  const now = adopted(said, person(word(false), word(false)));
  expect(now.allows).toEqual({ store: false, train: false });
  expect(untold(now)).toEqual([]);
});

test('a word that was not told yet is newer than the server’s', () => {
  const now = adopted(withWord(NOBODY, true, false), person(word(false), null));
  expect(now.allows.store).toBe(true);
  expect(untold(now)).toEqual(['store']);
});

test('a server that knows nothing of us is told again', () => {
  const said = { ...withWord(NOBODY, true, true), told: { store: true, train: true } };
  const now = adopted(said, person(null, null));
  expect(untold(now)).toEqual(['store', 'train']);
});

test('who logs in on a new phone brings their consents, and is not asked again', () => {
  expect(adopted(NOBODY, person(word(true), null))).toMatchObject({
    asked: true,
    allows: { store: true, train: null },
  });
});
