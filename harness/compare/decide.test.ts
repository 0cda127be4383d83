import { describe, expect, test } from 'vitest';
import { decide, MOST_PAIRS } from './decide.ts';
import { orderOfPair } from './order.ts';
import { failing, hung, pairs, passed, runOf, slow, unclear } from './side-run.test-helper.ts';
import { isStructural } from './side-run.ts';

const outcomeOf = (of: Parameters<typeof decide>[0]): string => {
  const decision = decide(of);
  return decision.state === 'open' ? 'open' : decision.outcome;
};

describe('pairs that all agree', () => {
  test.each([
    ['same', passed, passed],
    ['fixed', hung, passed],
    ['broken', passed, hung],
    ['both fail', hung, hung],
    ['both fail', slow, hung],
  ])('three of three are %s', (outcome, a, b) => {
    expect(outcomeOf(pairs(2, a, b))).toBe('open');
    expect(outcomeOf(pairs(3, a, b))).toBe(outcome);
  });

  test.each([
    ['fixed', slow, passed],
    ['broken', passed, slow],
  ])('an aggregate beyond its limit has to be %s in five of five', (outcome, a, b) => {
    expect(outcomeOf(pairs(4, a, b))).toBe('open');
    expect(outcomeOf(pairs(5, a, b))).toBe(outcome);
  });

  test('a flip of which one run failed on an aggregate only needs five', () => {
    const mixed = [...pairs(2, passed, hung), ...pairs(1, passed, slow)];
    expect(outcomeOf(mixed)).toBe('open');
    expect(outcomeOf([...mixed, ...pairs(2, passed, hung)])).toBe('broken');
  });

  test('a pair with a verdict that is not clear does not count', () => {
    expect(outcomeOf([...pairs(2, hung, passed), ...pairs(1, hung, unclear)])).toBe('open');
    expect(outcomeOf([...pairs(3, hung, passed), ...pairs(1, unclear, passed)])).toBe('fixed');
  });
});

describe('pairs that disagree', () => {
  test('are repeated', () => {
    expect(outcomeOf([...pairs(3, passed, hung), ...pairs(0, passed, passed)])).toBe('broken');
    expect(outcomeOf([...pairs(2, passed, hung), ...pairs(1, passed, passed)])).toBe('open');
    expect(outcomeOf([...pairs(4, passed, hung), ...pairs(5, passed, passed)])).toBe('open');
  });

  test.each([
    ['broken', 6, passed, hung],
    ['undecided', 5, passed, hung],
    ['fixed', 6, hung, passed],
    ['undecided', 5, hung, passed],
  ])('of ten runs it is %s with %i failures on one side only', (outcome, failed, a, b) => {
    const all = [...pairs(10 - failed, passed, passed), ...pairs(failed, a, b)];
    expect(all).toHaveLength(MOST_PAIRS);
    expect(outcomeOf(all)).toBe(outcome);
  });

  test('one failure on the other side leaves a flip undecided', () => {
    expect(outcomeOf([...pairs(9, passed, hung), ...pairs(1, hung, hung)])).toBe('undecided');
  });

  test('both fail when both did so in most of ten runs', () => {
    const all = [...pairs(6, hung, hung), ...pairs(2, passed, hung), ...pairs(2, hung, passed)];
    expect(outcomeOf(all)).toBe('both fail');
  });

  test('no more runs when these could not decide it either', () => {
    const all = [...pairs(5, passed, passed), ...pairs(1, hung, passed), ...pairs(1, passed, hung)];
    expect(outcomeOf(all.slice(0, 6))).toBe('open');
    expect(outcomeOf(all)).toBe('undecided');
  });

  test('with unclear pairs among ten nothing is beyond chance', () => {
    const all = [
      ...pairs(3, passed, passed),
      ...pairs(6, passed, hung),
      ...pairs(1, passed, unclear),
    ];
    expect(decide(all)).toEqual({
      state: 'decided',
      outcome: 'undecided',
      because: 'a failed in 0 and b in 6 of 9 runs; 1 of 10 pairs had no clear verdict',
    });
  });

  test('without any clear pair it is undecided', () => {
    expect(outcomeOf(pairs(9, unclear, passed))).toBe('open');
    expect(decide(pairs(10, unclear, passed))).toMatchObject({
      outcome: 'undecided',
      because: 'none of 10 pairs of runs had two clear verdicts',
    });
  });

  test('fewer pairs at most decide sooner, and then as undecided', () => {
    expect(decide(pairs(2, passed, hung), 2)).toMatchObject({ outcome: 'undecided' });
  });
});

test('a death, a hung health endpoint, lost work and a leak are structural; a slow endpoint is not', () => {
  expect(isStructural(runOf('fail', { hasDied: true }))).toBe(true);
  expect(isStructural(failing('health'))).toBe(true);
  expect(isStructural(failing('nothing-acknowledged-lost'))).toBe(true);
  expect(isStructural(failing('fds-back'))).toBe(true);
  expect(isStructural(slow)).toBe(false);
  expect(isStructural(failing('memory-bounded'))).toBe(false);
  expect(isStructural(failing('every-request-ends', { known: 'a reason' }))).toBe(false);
});

test('the order is A B B A A B B A', () => {
  expect([0, 1, 2, 3].flatMap((i) => orderOfPair(i)).join('')).toBe('abbaabba');
});
