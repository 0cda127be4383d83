/**
 * `harness-trusted`: hanglab's own parts worked, and the machine left enough time in which a verdict means
 * something. A wedged link or a late prober is our trouble, never a finding against the target.
 */
import { formatMs } from '../../platform/duration.ts';
import type { Check } from '../check.ts';
import { trustedTime } from '../trusted-time.ts';

/** With more than this share of the run void, a pass says little. */
const MAX_VOID_SHARE = 0.5;

export function harnessTrusted(): Check {
  return {
    name: 'harness-trusted',
    judge(history) {
      const { voidShare, worstControlMs } = trustedTime(history);
      const voidPercent = Math.round(voidShare * 100);
      const base = {
        check: 'harness-trusted' as const,
        phase: null,
        measured: { value: voidPercent, unit: '% void' },
        limit: { value: MAX_VOID_SHARE * 100, unit: '% void' },
      };
      const troubles = history.of('harness-trouble');
      if (troubles.length > 0) {
        const { part, message } = troubles[0]!;
        const more = troubles.length > 1 ? ` (and ${troubles.length - 1} more troubles)` : '';
        return { ...base, verdict: 'inconclusive', message: `${part}: ${message}${more}` };
      }
      const most = (share: 'stealPercent' | 'foreignPercent'): number =>
        Math.max(0, ...history.of('process').map((sample) => sample[share]));
      const machine = `the control server was at worst ${formatMs(worstControlMs)} late, others had up to ${most('foreignPercent')} % of the cores, steal was at most ${most('stealPercent')} %`;
      if (voidShare > MAX_VOID_SHARE) {
        const message = `the machine was too slow for ${voidPercent} % of the time: ${machine}`;
        return { ...base, verdict: 'inconclusive', message };
      }
      return {
        ...base,
        verdict: 'pass',
        message: `${voidPercent} % of the time is void; ${machine}`,
      };
    },
  };
}
