import { expect, test } from 'vitest';
import { OfflineError, ProblemError } from '../api/client';
import { InferenceError } from '../infer/bridge';
import { failureOf } from './scans';

const CASES: readonly (readonly [Error, string])[] = [
  [new InferenceError('undecodable', 'the source image could not be decoded'), 'undecodable'],
  [new OfflineError(new TypeError('failed to fetch')), 'no-answer'],
  [new ProblemError('too-large', 413, ''), 'too-large'],
  [new ProblemError('busy', 503, ''), 'busy'],
  [new ProblemError('something-new', 418, ''), 'other'],
  [new InferenceError('runtime', 'no 2d canvas'), 'other'],
];

test.each(CASES)('%s is told as "%s"', (error, failure) => {
  expect(failureOf(error)).toBe(failure);
});
