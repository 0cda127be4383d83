/** `fault-fired`: each injected fault has left evidence that it bit. Without it the run proves nothing. */
import { type History, phasesOf } from '../../history/history.ts';
import type { Check, Finding } from '../check.ts';

export function faultFired(faultNames: readonly string[]): Check {
  return {
    name: 'fault-fired',
    judge(history) {
      const base = {
        check: 'fault-fired' as const,
        phase: 'fault' as const,
        measured: null,
        limit: null,
      };
      const { fault, recovery } = phasesOf(history);
      if (faultNames.length === 0) return { ...base, ...loadSent(history) };
      const fired = new Map(
        history
          .of('fault')
          .filter(({ event }) => event === 'fired')
          .map((event) => [event.fault, event.detail]),
      );
      const silent = faultNames.filter((name) => !fired.has(name));
      if (silent.length === 0) {
        const evidence = [...fired].map(([name, detail]) => `${name}: ${detail}`).join('; ');
        return { ...base, verdict: 'pass', message: evidence };
      }
      // A hang before the fault is a hang all the same.
      if (!fault || (!recovery && !history.complete)) {
        const message = 'not reached: the run ended before the fault was injected';
        return { ...base, verdict: 'not-reached', message };
      }
      const message = `${silent.join(', ')} did not bite: no request met it`;
      return { ...base, verdict: 'inconclusive', message };
    },
  };
}

/** Without a fault to inject, the load of the fault phase is the stress; it must have been there. */
function loadSent(history: History): Pick<Finding, 'verdict' | 'message'> {
  const { fault } = phasesOf(history);
  const requests = history.of('request');
  if (!fault && !history.complete) {
    return { verdict: 'not-reached', message: 'not reached: the run ended before its load' };
  }
  const sent = requests.filter(({ t, group }) => group === 'load' && fault && t >= fault.fromMs);
  // A hang in warmup is a hang all the same: the load was then never due.
  if (fault && sent.length === 0) {
    return { verdict: 'inconclusive', message: 'the load that is the stress was never sent' };
  }
  return { verdict: 'pass', message: `nothing to inject: ${sent.length} requests were the stress` };
}
