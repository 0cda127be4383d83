/** `fault-fired`: each injected fault has left evidence that it bit. Without it the run proves nothing. */
import { phasesOf } from '../history.ts';
import type { Check } from './check.ts';

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
      if (faultNames.length === 0) {
        return {
          ...base,
          verdict: 'pass',
          message: 'nothing to inject: the load itself is the stress',
        };
      }
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
