/** Work is claimed by a worker that is gone. */
import { plural, seconds } from '../../wording/numbers.ts';
import { awaitCase, awaitsWanted } from '../awaits/await-case.ts';
import type { Rule } from '../rule.ts';
import { hasStaleClaims } from './stuck-by-run.ts';

export const staleClaims: Rule = {
  codes: ['stale-claims'],
  judge(subject) {
    if (!hasStaleClaims(subject)) return null;
    const { count, oldestMs } = subject.hints.staleClaims!;
    const claimed = `${plural(count, 'piece')} of work ${count === 1 ? 'is' : 'are'} claimed, the oldest for ${seconds(oldestMs)}`;
    const code = 'stale-claims';
    if (subject.process.runtime !== 'node') return { verdict: { code }, evidence: [claimed] };
    // What is claimed may also be in the hands of a living worker that is stuck with it.
    const { awaits } = subject.process;
    if (!awaits) return { wants: awaitsWanted(subject) };
    if (awaits.refused !== null) {
      return { verdict: { code, evidence: [awaits.refused] }, evidence: [claimed] };
    }
    const verdict = awaitCase(subject)?.verdict;
    if (verdict && !verdict.isResting) return { evidence: [claimed] };
    const evidence = ['no suspended function works on any of it'];
    return { verdict: { code, evidence }, evidence: [claimed] };
  },
};
