/** The machine gave the process no core: its silence is not its own. */
import { percent } from '../../wording/numbers.ts';
import type { Rule } from '../rule.ts';
import { hasOneLoop, isHostStarved, loopState, machineLateMs } from './loop-state.ts';

export const hostStarved: Rule = {
  codes: ['host-starved'],
  judge(subject) {
    if (!hasOneLoop(subject) || !isHostStarved(subject)) return null;
    const { queuedShare, stealShare } = subject.outside;
    const evidence = loopState(subject).isMachineLate
      ? `the control server was late too: ${Math.round(machineLateMs(subject))} ms`
      : `ready to run but without a core for ${percent(queuedShare)} of the time, steal ${percent(stealShare)}`;
    return { verdict: { code: 'host-starved' }, evidence: [evidence] };
  },
};
