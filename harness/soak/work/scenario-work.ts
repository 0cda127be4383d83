/** A round of scenarios: their loads through baseline, fault and recovery, with their faults, on the same target. */

import { LatencyHistogram } from '../../checks/judging/latency-histogram.ts';
import { requestLimitMs } from '../../checks/liveness/every-request-ends.ts';
import type { Environment } from '../../environment/environment.ts';
import type { Phase } from '../../history/events.ts';
import { monotonicMs } from '../../platform/clock.ts';
import { formatMs } from '../../platform/duration.ts';
import { HanglabError } from '../../platform/errors.ts';
import { pause } from '../../platform/wait.ts';
import { LoadRunner } from '../../run/load-runner.ts';
import { phaseDurationsMs, type Scenario } from '../../scenario/scenario.ts';
import { TargetStuck, type Work } from '../rounds/subject.ts';

export interface NamedScenario {
  name: string;
  scenario: Scenario;
}

export interface ScenarioWorkOptions {
  scenarios: readonly NamedScenario[];
  environment: Environment;
  /** Multiplies phases and loads. */
  scale: number;
  /** Called once when requests do not end any more, before they are given up. */
  onStuck?(): Promise<void>;
}

const PHASES = ['baseline', 'fault', 'recovery'] as const;
/** What has not ended after so many limits of a request, when the faults have been healed, will not. */
const MOST_LIMITS = 4;
const LOOK_EVERY_MS = 100;

/** @throws HanglabError `bad-usage` for a scenario that ends the target: nothing could be compared. */
export function refuseRestarts(scenarios: readonly NamedScenario[]): void {
  for (const { name, scenario } of scenarios) {
    if (!scenario.needs.includes('restart') && !scenario.needs.includes('stop')) continue;
    throw new HanglabError(
      'bad-usage',
      `${name} ends the target and starts it again: a soak compares rounds of the same process`,
    );
  }
}

/** How long a round of them takes, in milliseconds. */
export function scenariosMs(
  scenarios: readonly NamedScenario[],
  environment: Pick<Environment, 'declared'>,
): number {
  return scenarios
    .map(({ scenario }) => phaseDurationsMs(scenario, environment.declared.limits, 1))
    .reduce((sum, { baseline, fault, recovery }) => sum + baseline + fault + recovery, 0);
}

/** @throws TargetStuck */
export async function runScenarios(options: ScenarioWorkOptions, stop: AbortSignal): Promise<Work> {
  const { environment, scenarios, scale } = options;
  const { recorder } = environment;
  const latencies = new LatencyHistogram();
  const work = { operations: 0, failed: 0, unknown: 0 };
  const listening = recorder.onEvent((event) => {
    if (event.kind !== 'request-end') return;
    work.operations++;
    if (event.outcome === 'ok') latencies.add(event.durationMs);
    if (event.outcome === 'unknown') work.unknown++;
  });
  const startMs = monotonicMs();
  try {
    for (const { scenario } of scenarios) {
      await once(scenario, scaled(environment, scale), stop);
      await ended(options, stop);
    }
  } finally {
    listening[Symbol.dispose]();
  }
  stop.throwIfAborted();
  const round = (ms: number): number => Math.round(ms * 100) / 100;
  return {
    ...work,
    connections: null,
    tookMs: Math.round(monotonicMs() - startMs),
    p50Ms: round(latencies.quantile(0.5)),
    p99Ms: round(latencies.quantile(0.99)),
    // Under a fault requests may fail.
    firstFailure: null,
  };
}

/** The same environment with another scale; what it reads anew each time it goes on reading anew. */
function scaled(environment: Environment, scale: number): Environment {
  return Object.create(environment, { scale: { value: scale } }) as Environment;
}

async function once(
  scenario: Scenario,
  environment: Environment,
  stop: AbortSignal,
): Promise<void> {
  const { recorder, declared, scale } = environment;
  const durations = phaseDurationsMs(scenario, declared.limits, scale);
  await using loads = new LoadRunner(scenario.load, environment);
  // Which operations use which upstream is found out while nothing else goes on.
  await loads.warmup(stop);
  for (const phase of PHASES) {
    if (stop.aborted) return;
    recorder.record({ kind: 'phase', phase });
    await using injected = new AsyncDisposableStack();
    if (phase === 'fault') {
      for (const { name, inject } of scenario.faults) {
        injected.use(await inject(environment));
        recorder.record({ kind: 'fault', fault: name, event: 'injected', detail: null });
      }
    }
    await through(loads, phase, durations[phase], stop);
  }
}

/** A phase ends with its time, or when all that belongs to it has been sent. */
async function through(
  loads: LoadRunner,
  phase: Phase,
  ms: number,
  stop: AbortSignal,
): Promise<void> {
  loads.start(phase);
  const over = new AbortController();
  const end = (): void => over.abort();
  stop.addEventListener('abort', end, { once: true });
  void loads.sent(phase)?.then(end);
  await pause(ms, over.signal);
  stop.removeEventListener('abort', end);
  loads.stopAfter(phase);
}

async function ended(
  { environment, onStuck }: ScenarioWorkOptions,
  stop: AbortSignal,
): Promise<void> {
  const { requests, declared } = environment;
  const limitMs = MOST_LIMITS * requestLimitMs(declared.limits);
  const startMs = monotonicMs();
  while (requests.openCount > 0 && !stop.aborted) {
    if (monotonicMs() - startMs > limitMs) {
      const open = requests.openCount;
      await onStuck?.();
      throw new TargetStuck(
        `${open} requests have not ended ${formatMs(limitMs)} after the faults were healed`,
      );
    }
    await pause(LOOK_EVERY_MS, stop);
  }
}
