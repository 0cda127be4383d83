import { expect, test } from 'vitest';
import { worst } from './check.ts';

test('fail beats inconclusive beats pass, and what was not reached does not count', () => {
  expect(worst(['pass', 'inconclusive', 'fail'])).toBe('fail');
  expect(worst(['pass', 'inconclusive', 'not-reached'])).toBe('inconclusive');
  expect(worst(['pass', 'not-reached'])).toBe('pass');
});
