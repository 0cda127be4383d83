/** Python: asyncio tasks that are stuck, as the process describes them itself; threads where it cannot. */

import { plural } from '../../wording/numbers.ts';
import { liveness } from '../decision/liveness.ts';
import { hasOneLoop, loopState } from '../loop/loop-state.ts';
import type { Case, Rule, Ruling, Verdict } from '../rule.ts';
import { stuckByRun } from '../run/stuck-by-run.ts';
import { requestVerdict } from './python-requests.ts';
import { threadLines } from './python-threads.ts';
import { groupsOf, hasOwnFrame, placeIn, placeOf } from './python-words.ts';
import { type Judged, judgeTasks } from './task-verdict.ts';

const UNSEEN = 'Its event loop turns; which of its asyncio tasks are stuck could not be seen.';

export const pythonTasks: Rule = {
  codes: [
    'deadlock',
    'abandoned-lock',
    'threadpool-starved',
    'pool-exhausted',
    'upstream-stalled',
    'half-closed',
    'awaiting-forever',
    'waiting-on-timer',
    'waiting',
    'slow-but-live',
    'live',
    'undecided',
  ],
  judge(subject) {
    const { runtime, pythonTasks: facts } = subject.process;
    if (runtime !== 'python' || !hasOneLoop(subject)) return null;
    if (!facts) return { wants: { kind: 'python-tasks' } };
    if (facts.by === null) return notAsked(subject, facts.because);
    const [first, second] = facts.looks;
    if (!first || 'error' in first) return notTold(first?.error ?? 'it did not answer');
    // A cycle stays a cycle; others may only be taking turns.
    const cycle = judgeTasks(first);
    if (cycle.verdict) return { verdict: cycle.verdict };
    if (facts.looks.length < 2) return { wants: { kind: 'python-tasks' } };
    if (!second || 'error' in second) {
      return notTold(second?.error ?? 'it did not answer a second time');
    }
    const judged = judgeTasks(second, first);
    const verdict = judged.verdict ?? requestVerdict(subject, second, judged);
    const isOpen = verdict === null || verdict.isDecided === false;
    return {
      verdict: (isOpen ? knownToRun(subject, judged) : null) ?? verdict ?? living(subject, judged),
    };
  },
};

/** What tasks wait for cannot always be seen from here, but a run may know that it does not come. */
function knownToRun(subject: Case, { stuck, evidence }: Judged): Verdict | null {
  const known = stuckByRun(subject);
  if (known === null) return null;
  const groups = groupsOf(stuck.filter(hasOwnFrame)).sort((a, b) => b.length - a.length);
  const [first] = groups[0] ?? [];
  const at = first ? `, ${plural(groups[0]?.length ?? 0, 'task')} at ${placeOf(first)}` : '';
  return {
    ...known,
    sentence: `${known.sentence?.replace(/\.$/, '')}${at}.`,
    where: groups.flatMap((group) => placeIn(group)),
    evidence,
  };
}

/** Nothing is stuck. What the view from outside says, where the tasks say nothing. */
function living(subject: Case, { evidence }: Judged): Verdict {
  if (!loopState(subject).turns) return { code: 'awaiting-forever', evidence };
  const verdict = liveness(subject);
  return { ...verdict, evidence: [...evidence, ...(verdict.evidence ?? [])] };
}

function notTold(why: string): Ruling {
  const evidence = [`its asyncio tasks could not be asked: ${why}`];
  return {
    verdict: { code: 'undecided', isDecided: false, sentence: UNSEEN, evidence },
  };
}

/** Threads do not show what asyncio tasks wait for, but they are better than nothing. */
function notAsked(subject: Case, because: string): Ruling {
  const { pythonThreads } = subject.process;
  if (!pythonThreads) return { wants: { kind: 'python-threads' } };
  const why =
    because ||
    'hanglab’s agent is not in it (it is in targets that hanglab starts); `hanglab diagnose --inject` would decide, by gdb';
  const { threads } = pythonThreads;
  return {
    verdict: {
      code: 'undecided',
      isDecided: false,
      sentence: `${UNSEEN}${because ? '' : ' `--inject` would tell.'}`,
      evidence: [
        `its asyncio tasks could not be asked: ${why}`,
        ...(threads.length === 0 ? [pythonThreads.because] : threadLines(threads)),
      ],
    },
  };
}
