/** The first thread is blocked on a pipe that nobody reads. */
import { percent } from '../../wording/numbers.ts';
import type { Rule } from '../rule.ts';
import { hasOneLoop, isInPipe, loopState } from './loop-state.ts';

export const pipeFull: Rule = {
  codes: ['pipe-full'],
  judge(subject) {
    const { turns, isIdle, isBusy } = loopState(subject);
    const { outside } = subject;
    if (!hasOneLoop(subject) || turns || isBusy || !isIdle || !isInPipe(outside)) return null;
    const evidence = [`its first thread sleeps in ${outside.waitsIn}`];
    const because = `its first thread uses ${percent(outside.mainShare)} of a core`;
    return {
      verdict: { code: 'pipe-full' },
      evidence,
      ruledOut: [{ code: 'event-loop-blocked', because }],
    };
  },
};
