/** All threads of libuv's pool are taken: files, DNS, crypto and zlib wait. */
import { frameLabel } from '../../wording/frame.ts';
import { plural } from '../../wording/numbers.ts';
import { loopState } from '../loop/loop-state.ts';
import { type Case, type Rule, ruledOut } from '../rule.ts';
import { stuckByRun } from '../run/stuck-by-run.ts';
import { awaitCase } from './await-case.ts';
import { movingEvidence } from './moving.ts';

export const threadPool: Rule = {
  codes: ['threadpool-starved'],
  judge(subject) {
    const { outside, process } = subject;
    if (process.runtime !== 'node' || !loopState(subject).turns) return null;
    const { busyWorkers, poolSize } = outside;
    const busy = `${busyWorkers} of the pool's ${plural(poolSize, 'thread')} are busy`;
    if (busyWorkers < poolSize) return ruledOut('threadpool-starved', busy);
    const evidence = [`all ${poolSize} threads of the pool are busy`];
    const code = 'threadpool-starved';
    const verdict = awaitCase(subject)?.verdict;
    if (!verdict) {
      // What the run knows is more than that all of them are busy.
      if (stuckByRun(subject)) return { evidence };
      return { verdict: { code, evidence: whyUnplaced(subject) }, evidence };
    }
    // Busy threads hold up nobody who waits for something else: a permit, a socket, a timer.
    const { resolvers } = verdict;
    if (resolvers.length > 0 && !resolvers.some(({ kind }) => kind === 'native'))
      return { evidence };
    const { where, sentence, requests, holder } = verdict;
    const [first] = where;
    const place = first ? frameLabel(first) : sentence;
    const wait = requests === 1 ? 'waits' : 'wait';
    return {
      verdict: {
        code,
        sentence: `All ${poolSize} threads of the pool are taken (${busyWorkers} busy), and ${plural(requests, 'request')} ${wait} for one: most of them at ${place}.`,
        where,
        holder,
        evidence: verdict.evidence,
      },
      evidence,
    };
  },
};

function whyUnplaced(subject: Case): string[] {
  const { awaits } = subject.process;
  return awaits && awaits.refused !== null ? [awaits.refused] : movingEvidence(subject);
}
