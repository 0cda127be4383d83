import { describe, expect, it } from 'vitest';
import type { Verdict } from '../checks/check.ts';
import { diagnosis, entry, finding } from '../testing/entries.ts';
import { applyTolerance } from './tolerance.ts';

const inMs = (value: number) => ({ value, unit: 'ms' });
const limit = inMs(1000);
const documents = (value: number) => ({ value, unit: 'documents' });
const lost = { measured: documents(1), limit: documents(0) };

function verdictOf(...changes: Parameters<typeof finding>): Verdict {
  return applyTolerance(entry({ findings: [finding(...changes)] }), 'doctor').verdict;
}

describe('under a profiler', () => {
  it.each([
    { ms: 1100, verdict: 'inconclusive' },
    { ms: 2900, verdict: 'inconclusive' },
    { ms: 3000, verdict: 'fail' },
  ])('a failure of $ms ms, with a limit of 1 s, is $verdict', ({ ms, verdict }) => {
    expect(verdictOf({ measured: inMs(ms), limit })).toBe(verdict);
  });

  it('a doubtful finding says why, and no reason for a hang is told', () => {
    const slow = finding({ message: 'too slow', measured: inMs(1100), limit });
    const hung = entry({ findings: [slow], diagnosis: diagnosis('it hangs') });
    const { findings, diagnosis: told } = applyTolerance(hung, 'flame');
    expect(findings[0]?.message).toBe(
      'too slow; under clinic flame only 3 times the limit counts as a failure',
    );
    expect(told).toBeNull();
    const certain = entry({ diagnosis: diagnosis('it hangs'), findings: [finding(lost)] });
    expect(applyTolerance(certain, 'flame').diagnosis?.sentence).toBe('it hangs');
  });

  it('what failed for another reason than its limit has failed', () => {
    expect(verdictOf({ measured: inMs(500), limit })).toBe('fail');
    expect(verdictOf({ measured: null, limit: null })).toBe('fail');
    expect(verdictOf(lost)).toBe('fail');
  });

  it('a target that died has failed, however slow it was before', () => {
    const findings = [finding({ measured: inMs(2000), limit })];
    const died = entry({ findings, hasDied: true });
    expect(applyTolerance(died, 'doctor').verdict).toBe('fail');
  });
});
