/** How long the short suite takes, how far health is from the control, and how soon a hang is reported. */
import { rmSync } from 'node:fs';
import { requestLimitMs } from '../checks/liveness/every-request-ends.ts';
import { type History, readHistory } from '../history/history.ts';
import { startReaper } from '../reaper/reaper.ts';
import { makeReportFolder } from '../report/folder.ts';
import { type RunResult, runScenario } from '../run/run.ts';
import { loadScenario } from '../scenario/catalogue.ts';
import { chosenScenarios } from '../scenario/selection.ts';
import { loadConfig } from '../target/config/load-config.ts';
import type { Figure } from './figure.ts';

export async function runFigures(): Promise<Figure[]> {
  await using reaper = startReaper();
  const loaded = await loadConfig(null);
  const { target } = loaded;
  const out = reaper.temporaryFolder('bench');
  const run = async (name: string, variant: string | null): Promise<RunResult> =>
    runScenario({
      ...{ name, variant, seed: 1, scale: 1, reaper, target: target(variant) },
      scenario: (await loadScenario(name)).scenario,
      toxiproxy: { provider: 'embedded' },
      documentsFolder: null,
      reportFolder: makeReportFolder(out, name, new Date()),
      signal: new AbortController().signal,
      diagnose: false,
    });
  const figures: Figure[] = [];
  let totalMs = 0;
  for (const name of chosenScenarios(loaded, false)) {
    const result = await run(name, null);
    totalMs += result.durationMs;
    if (name !== 'upload-burst') continue;
    const value = distanceFromControlMs(await readHistory(result.historyFile));
    const measured = '/health p99 above the control, upload-burst';
    figures.push({ name: measured, value, unit: 'ms', goal: 30 });
  }
  figures.push({ name: 'the short suite', value: totalMs / 1000, unit: 's', goal: 45 });
  const hung = await run('llm-goes-silent', 'no-attempt-deadline');
  const late = reportedAfterLimitMs(hung, await readHistory(hung.historyFile));
  const measured = 'a hang is reported after its limit by';
  figures.push({ name: measured, value: late, unit: 'ms', goal: 1000 });
  rmSync(out, { recursive: true, force: true });
  return figures;
}

function distanceFromControlMs(history: History): number {
  const probes = history.of('health').filter(({ answered }) => answered);
  const p99 = (values: number[]): number =>
    values.toSorted((a, b) => a - b)[Math.ceil(0.99 * values.length) - 1] ?? 0;
  return p99(probes.map((p) => p.latencyMs)) - p99(probes.map((p) => p.controlMs));
}

/** From the instant at which the oldest open request passed its limit to the first failing finding. */
function reportedAfterLimitMs({ failedAtMs, limits }: RunResult, history: History): number {
  const ended = new Set(
    history.of('request-end').flatMap(({ id, outcome }) => (outcome === 'unknown' ? [] : id)),
  );
  const open = history.of('request').filter(({ id }) => !ended.has(id));
  const passedMs = Math.min(...open.map(({ t }) => t)) + requestLimitMs(limits);
  return (failedAtMs['every-request-ends'] ?? Number.NaN) - passedMs;
}
