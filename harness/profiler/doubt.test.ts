import { describe, expect, it } from 'vitest';
import type { Verdict } from '../checks/check.ts';
import { entry, finding } from '../testing/entries.ts';
import { history } from '../testing/history.ts';
import { doubted } from './doubt.ts';

const inMs = (value: number) => ({ value, unit: 'ms' });
const limit = inMs(1000);

function verdictOf(...changes: Parameters<typeof finding>): Verdict {
  return doubted(entry({ findings: [finding(...changes)] }), 'doctor').verdict;
}

describe('under a profiler', () => {
  it.each([
    { ms: 1100, verdict: 'inconclusive' },
    { ms: 2900, verdict: 'inconclusive' },
    { ms: 3000, verdict: 'fail' },
  ])('a failure of $ms ms, with a limit of 1 s, is $verdict', ({ ms, verdict }) => {
    expect(verdictOf({ measured: inMs(ms), limit })).toBe(verdict);
  });

  it('a doubtful finding says why', () => {
    const slow = finding({ message: 'too slow', measured: inMs(1100), limit });
    const { findings } = doubted(entry({ findings: [slow] }), 'flame');
    expect(findings[0]?.message).toBe(
      'too slow; under clinic flame only 3 times the limit convicts',
    );
  });

  it('what failed for another reason than its limit has failed', () => {
    expect(verdictOf({ measured: inMs(500), limit })).toBe('fail');
    expect(verdictOf({ measured: null, limit: null })).toBe('fail');
    const documents = (value: number) => ({ value, unit: 'documents' });
    expect(verdictOf({ measured: documents(1), limit: documents(0) })).toBe('fail');
  });

  it('a target that died has failed, however slow it was before', () => {
    const exit = {
      kind: 'target-exit',
      code: 1,
      signal: null,
      expected: false,
      lines: [],
    } as const;
    const findings = [finding({ measured: inMs(2000), limit })];
    const died = entry({ findings, history: history().at(500, exit).build(1000) });
    expect(doubted(died, 'doctor').verdict).toBe('fail');
  });
});
