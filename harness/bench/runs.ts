/** How long the short suite takes, how far health is from the control, and how soon a hang is called. */
import { rmSync } from 'node:fs';
import { requestLimitMs } from '../checks/liveness/every-request-ends.ts';
import { quantile, trustedProbes } from '../checks/liveness/health.ts';
import { startReaper } from '../reaper/reaper.ts';
import { makeReportFolder } from '../report/folder.ts';
import { type RunResult, runScenario } from '../run/run.ts';
import { loadScenario, SHORT_SUITE } from '../scenario/catalogue.ts';
import type { Figure } from './figure.ts';

export async function runFigures(): Promise<Figure[]> {
  await using reaper = startReaper();
  const out = reaper.temporaryFolder('bench');
  const run = async (name: string, defect: string | null): Promise<RunResult> =>
    runScenario({
      ...{ name, scenario: (await loadScenario(name)).scenario, defect, seed: 1, scale: 1, reaper },
      toxiproxy: { provider: 'embedded' },
      documentsFolder: null,
      reportFolder: makeReportFolder(out, name, new Date()),
      signal: new AbortController().signal,
      diagnose: false,
    });
  const figures: Figure[] = [];
  let totalMs = 0;
  for (const name of SHORT_SUITE) {
    const result = await run(name, null);
    totalMs += result.durationMs;
    if (name === 'upload-burst') {
      const value = distanceFromControlMs(result);
      figures.push({
        name: '/health p99 above the control, upload-burst',
        value,
        unit: 'ms',
        goal: 30,
      });
    }
  }
  figures.push({ name: 'the short suite', value: totalMs / 1000, unit: 's', goal: 45 });
  const hung = await run('upload-burst', 'cascade-takes-engine-permit');
  const late = calledAfterLimitMs(hung);
  figures.push({
    name: 'a hang is called after its limit by',
    value: late,
    unit: 'ms',
    goal: 1000,
  });
  rmSync(out, { recursive: true, force: true });
  return figures;
}

function distanceFromControlMs({ history }: RunResult): number {
  const probes = trustedProbes(history);
  const p99 = (values: number[]): number =>
    quantile(
      values.toSorted((a, b) => a - b),
      0.99,
    ) ?? 0;
  return p99(probes.map((p) => p.latencyMs)) - p99(probes.map((p) => p.controlMs));
}

/** From the instant at which the oldest open request passed its limit to the first failing finding. */
function calledAfterLimitMs({ failedAtMs, history }: RunResult): number {
  const ended = new Set(
    history.of('request-end').flatMap(({ id, outcome }) => (outcome === 'unknown' ? [] : id)),
  );
  const open = history.of('request').filter(({ id }) => !ended.has(id));
  const passedMs = Math.min(...open.map(({ t }) => t)) + requestLimitMs(history);
  return (failedAtMs['every-request-ends'] ?? Number.NaN) - passedMs;
}
