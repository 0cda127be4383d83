/**
 * `harness-trusted`: hanglab's own parts worked, and the machine left enough time in which a verdict means
 * something. A wedged link or a late prober is our trouble, never a finding about the target.
 */
import { formatMs } from '../../platform/duration.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check } from '../check.ts';

/** With more than this share of the run excluded, a pass says little. */
const MAX_EXCLUDED_SHARE = 0.5;

interface State {
  troubles: number;
  first: string | null;
  /** There was a control server: without it nothing may be called trusted. */
  hasControl: boolean;
  mostForeignPercent: number;
  mostStealPercent: number;
}

export function harnessTrusted(): Check {
  return check<State>({
    name: 'harness-trusted',
    start: () => ({
      troubles: 0,
      first: null,
      hasControl: false,
      mostForeignPercent: 0,
      mostStealPercent: 0,
    }),
    on: {
      'harness-trouble'(state, { part, message }) {
        state.troubles++;
        state.first ??= `${part}: ${message}`;
      },
      health(state) {
        state.hasControl = true;
      },
      control(state) {
        state.hasControl = true;
      },
      process(state, { foreignPercent, stealPercent }) {
        state.mostForeignPercent = Math.max(state.mostForeignPercent, foreignPercent);
        state.mostStealPercent = Math.max(state.mostStealPercent, stealPercent);
      },
    },
    finding(state, { trusted, complete, phases }) {
      const excludedPercent = Math.round(trusted.excludedShare * 100);
      const base = {
        phase: null,
        measured: { value: excludedPercent, unit: '% excluded' },
        limit: { value: MAX_EXCLUDED_SHARE * 100, unit: '% excluded' },
      };
      if (state.first !== null) {
        const more =
          state.troubles > 1 ? ` (and ${plural(state.troubles - 1, 'more trouble')})` : '';
        return { ...base, verdict: 'inconclusive', message: state.first + more };
      }
      const machine = `the control server or the sender was at most ${formatMs(trusted.worstControlMs)} late, other processes had up to ${state.mostForeignPercent} % of the cores, steal was at most ${state.mostStealPercent} %`;
      if (trusted.excludedShare > MAX_EXCLUDED_SHARE) {
        const message = `the machine was too slow for ${excludedPercent} % of the time: ${machine}`;
        return { ...base, verdict: 'inconclusive', message };
      }
      if (complete && phases.baseline && !state.hasControl) {
        const message = 'the machine was not measured: the control server was never probed';
        return { ...base, verdict: 'inconclusive', message };
      }
      const message = `${excludedPercent} % of the time does not count; ${machine}`;
      return { ...base, verdict: 'pass', message };
    },
  });
}
