/** From a history to findings: all checks of a scenario, each where its phase was reached. Pure. */

import { type History, historyOf, type Phase, phaseAt, phasesOf } from '../history/history.ts';
import { messageOf } from '../platform/errors.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Check, Finding } from './check.ts';
import { deathOf } from './liveness/health.ts';
import { faultFired } from './run/fault-fired.ts';
import { harnessTrusted } from './run/harness-trusted.ts';

/** Every finding over a history: of a run that has just ended, or of one read back from its file. */
export function judge(scenario: Scenario, history: History, completed = true): Finding[] {
  const reached = (phase: Phase): boolean => phasesOf(history)[phase] !== undefined;
  // A run that was cut short can only be sure of a failure, and of nothing that counts what is left.
  const later = (checks: readonly Check[], phase: 'recovery' | 'quiesce'): Finding[] =>
    checks.map((check) => {
      const finding = reached(phase) ? judgeSafely(check, history) : notReached(check, phase);
      const certain = completed || (phase === 'recovery' && finding.verdict === 'fail');
      return certain ? finding : notReached(check, phase);
    });
  const findings = [
    ...scenario.always.map((check) => judgeSafely(check, history)),
    ...unjudgedDeath(scenario, history),
    ...later(scenario.afterRecovery, 'recovery'),
    ...later(scenario.afterQuiesce, 'quiesce'),
    judgeSafely(faultFired(scenario.faults.map((fault) => fault.name)), history),
    judgeSafely(harnessTrusted(), history),
  ];
  const failed = findings.some(({ verdict }) => verdict === 'fail');
  if (!completed && !failed && reached('fault')) findings.push(endedForNothing());
  const unsteady = steadyStateFailures(scenario, history);
  return unsteady.length > 0 && !reached('fault') ? [...unsteady, ...findings.slice(-1)] : findings;
}

/** A target that dies fails the run, also where the scenario does not judge its health. */
function unjudgedDeath({ always }: Scenario, history: History): Finding[] {
  const message = deathOf(history);
  if (message === null || always.some(({ name }) => name === 'health')) return [];
  const phase = phaseAt(history, history.of('target-exit')[0]?.t ?? 0);
  return [{ check: 'health', verdict: 'fail', phase, message, measured: null, limit: null }];
}

/** A check that throws is hanglab's own fault: inconclusive, and said so. */
export function judgeSafely(check: Check, history: History): Finding {
  try {
    return check.judge(history);
  } catch (error) {
    const message = `the check itself failed: ${messageOf(error)}`;
    return {
      check: check.name,
      verdict: 'inconclusive',
      phase: null,
      message,
      measured: null,
      limit: null,
    };
  }
}

/** What had ended the run turned out to be the machine's fault when all samples were in. */
function endedForNothing(): Finding {
  const message = 'the run was ended by a failure that did not stand up to the last samples';
  return {
    check: 'harness-trusted',
    verdict: 'inconclusive',
    phase: null,
    message,
    measured: null,
    limit: null,
  };
}

function notReached(check: Check, phase: Phase): Finding {
  const message = `not reached: the run ended before ${phase}`;
  return { check: check.name, verdict: 'not-reached', phase, message, measured: null, limit: null };
}

/** What did not hold before anything was injected: the run then says nothing about the fault. */
export function steadyStateFailures(scenario: Scenario, history: History): Finding[] {
  const { baseline } = phasesOf(history);
  if (!baseline) return [];
  const within = history.events.filter(
    ({ t, kind }) =>
      kind === 'run' || kind === 'phase' || (t >= baseline.fromMs && t <= baseline.toMs),
  );
  const view = historyOf(within, baseline.toMs, false);
  return scenario.steadyState
    .map((check) => judgeSafely(check, view))
    .filter(({ verdict }) => verdict === 'fail')
    .map((finding) => ({
      ...finding,
      verdict: 'inconclusive' as const,
      message: `no steady state, so nothing was injected: ${finding.message}`,
    }));
}

/** How many times its limit a finding measured; a limit of zero is passed endlessly. */
export function marginTimes({ measured, limit }: Finding): number {
  if (!measured || !limit) return 0;
  return limit.value === 0 ? Number.POSITIVE_INFINITY : measured.value / limit.value;
}
