/** Whether its event loop comes back to its events: said once, for all rules that follow. */
import { type Rule, ruledOut } from '../rule.ts';
import { hasOneLoop, loopState } from './loop-state.ts';

export const silent: Rule = {
  codes: [],
  judge(subject) {
    if (!hasOneLoop(subject)) return null;
    const isAsked = subject.health !== null && !subject.health.refused;
    if (loopState(subject).turns) {
      const because = isAsked ? 'the health path answers' : 'its event loop turns';
      return ruledOut('event-loop-blocked', because);
    }
    const because = isAsked ? 'the health path does not answer' : 'it accepts no connection';
    return ruledOut('live', because);
  },
};
