/** `fault-fired`: each injected fault has left evidence that it took effect. Without it the run proves nothing. */
import type { EventOf } from '../../history/events.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check, type FindingOf, notReached } from '../check.ts';
import type { RunSoFar } from '../judging/run-so-far.ts';

interface State {
  /** By fault: its evidence. */
  evidence: Map<string, string>;
  /** Requests of the load that were sent from the fault phase on. */
  sent: number;
  /** The most that a load had open, or had come, in the fault phase. */
  level: EventOf<'level'> | null;
}

export function faultFired(faultNames: readonly string[]): Check {
  return check<State>({
    name: 'fault-fired',
    start: () => ({ evidence: new Map(), sent: 0, level: null }),
    on: {
      fault({ evidence }, { fault, event, detail }) {
        if (event === 'took-effect') evidence.set(fault, detail ?? 'no detail');
      },
      level(state, event, run) {
        if (run.phases.fault && event.count > (state.level?.count ?? 0)) state.level = event;
      },
      request(state, { group }, run) {
        if (group === 'load' && run.phases.fault) state.sent++;
      },
    },
    finding: (state, run) =>
      faultNames.length === 0 ? loadSent(state, run) : judgeFaults(state, run, faultNames),
  });
}

function judgeFaults({ evidence }: State, run: RunSoFar, faultNames: readonly string[]): FindingOf {
  const base = { phase: 'fault' as const, measured: null, limit: null };
  const missing = faultNames.filter((name) => !evidence.has(name));
  if (missing.length === 0) {
    const message = [...evidence].map(([name, detail]) => `${name}: ${detail}`).join('; ');
    return { ...base, verdict: 'pass', message };
  }
  const { fault, recovery } = run.phases;
  // A hang before the fault is a hang nevertheless.
  if (!fault || (!recovery && !run.complete)) {
    return notReached('fault', 'the run ended before the fault was injected');
  }
  const message = `${missing.join(' and ')} had no effect: no request of the target met it`;
  return { ...base, verdict: 'inconclusive', message };
}

/** Without a fault to inject, the load of the fault phase is the stress; it must have been there. */
function loadSent({ sent, level }: State, run: RunSoFar): FindingOf {
  const base = { phase: 'fault' as const, measured: null, limit: null };
  if (!run.phases.fault) {
    if (!run.complete) return notReached('fault', 'the run ended before its load');
    // A hang before the load is a hang nevertheless: the load was then never due.
    return { ...base, verdict: 'pass', message: 'the load of the fault phase was never due' };
  }
  if (sent === 0 && level === null) {
    return {
      ...base,
      verdict: 'inconclusive',
      message: 'the load of the fault phase was not sent',
    };
  }
  const most = level === null ? '' : `, up to ${level.count} ${level.what}`;
  const message = `no fault; the load (${plural(sent, 'request')}${most}) was the stress`;
  return { ...base, verdict: 'pass', message };
}
