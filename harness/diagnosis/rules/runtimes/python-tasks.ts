/** Python: asyncio tasks that are stuck, as the process describes them itself; threads where it cannot. */
import type { Tasks } from '../../facts/runtime-facts.ts';
import { frameLabel } from '../../wording/frame.ts';
import { plural } from '../../wording/numbers.ts';
import { hasOneLoop, loopState } from '../loop/loop-state.ts';
import type { Case, Rule, Ruling } from '../rule.ts';
import { stuckByRun } from '../run/stuck-by-run.ts';
import { threadLines } from './python-threads.ts';
import { judgeTasks } from './task-verdict.ts';

const UNSEEN = 'Its event loop turns; which of its asyncio tasks are stuck could not be seen.';

export const pythonTasks: Rule = {
  codes: [
    'deadlock',
    'abandoned-lock',
    'awaiting-forever',
    'upstream-stalled',
    'half-closed',
    'waiting-on-timer',
    'slow-but-live',
    'live',
  ],
  judge(subject) {
    const { runtime, pythonTasks: facts } = subject.process;
    if (runtime !== 'python' || !hasOneLoop(subject)) return null;
    if (!facts) return { wants: { kind: 'python-tasks' } };
    if (facts.by === null) return notAsked(subject, facts.because);
    const [first, second] = facts.looks;
    if (!first || 'error' in first) return notTold(subject, first?.error ?? 'it did not answer');
    const judged = judgeTasks(first);
    // A cycle stays a cycle, and what is undecided stays so; others may only be taking turns.
    if (judged.code === undefined || judged.code === 'deadlock') return answer(subject, first);
    if (facts.looks.length < 2) return { wants: { kind: 'python-tasks' } };
    if (!second || 'error' in second) {
      return notTold(subject, second?.error ?? 'it did not answer a second time');
    }
    return answer(subject, second, first);
  },
};

function answer(subject: Case, tasks: Tasks, before: Tasks | null = null): Ruling {
  const judged = judgeTasks(tasks, before);
  // What they wait for cannot be seen from here, but the run may know that it does not come.
  const known = judged.code === undefined ? stuckByRun(subject) : null;
  if (known === null) return { verdict: { code: otherwise(subject), ...judged } };
  const [place, ...others] = judged.where ?? [];
  const same = others.filter(({ file, line }) => file === place?.file && line === place.line);
  const count = same.reduce((sum, each) => sum + each.count, place?.count ?? 0);
  const at = place ? `, ${plural(count, 'task')} at ${frameLabel(place)}` : '';
  const sentence = `${known.sentence?.replace(/\.$/, '')}${at}.`;
  return { verdict: { ...judged, ...known, sentence, isDecided: true } };
}

function notTold(subject: Case, why: string): Ruling {
  const evidence = [`its asyncio tasks could not be asked: ${why}`];
  return {
    verdict: { code: otherwise(subject), isDecided: false, sentence: UNSEEN, evidence },
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
      code: otherwise(subject),
      isDecided: false,
      sentence: `${UNSEEN}${because ? '' : ' `--inject` would tell.'}`,
      evidence: [
        `its asyncio tasks could not be asked: ${why}`,
        ...(threads.length === 0 ? [pythonThreads.because] : threadLines(threads)),
      ],
    },
  };
}

/** What the view from outside says, where the tasks say nothing. */
function otherwise(subject: Case): 'awaiting-forever' | 'live' {
  return loopState(subject).turns ? 'live' : 'awaiting-forever';
}
