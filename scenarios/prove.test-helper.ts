/**
 * Runs scenarios against small servers: a guilty one fails on the check that the scenario is for, its healthy
 * twin never fails. Several run at a time, and what a busy machine left undecided runs again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckId } from '../harness/checks/check-ids.ts';
import { type Reaper, startReaper } from '../harness/reaper/reaper.ts';
import { type RunResult, runScenario } from '../harness/run/run.ts';
import { skipReason } from '../harness/run/skip.ts';
import { loadScenario } from '../harness/scenario/catalogue.ts';
import { buildTarget } from '../harness/target/config/build-target.ts';
import type { TargetConfig } from '../harness/target/config/config.ts';

export const FIXTURES = join(import.meta.dirname, 'fixtures');
const AT_A_TIME = 4;
const TRIES = 3;
const TEST_MS = 120_000;

let reaper: Reaper;
let folder: string;
const slots = pLimit(AT_A_TIME);

beforeAll(() => {
  reaper = startReaper();
  folder = mkdtempSync(join(tmpdir(), 'hanglab-scenarios-'));
});

afterAll(async () => {
  await reaper[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function run(name: string, config: TargetConfig): Promise<RunResult> {
  const { scenario } = await loadScenario(name);
  const target = buildTarget(config, FIXTURES);
  const skipped = skipReason(scenario, target);
  if (skipped) throw new Error(`${name} is skipped: ${skipped}`);
  for (let tries = 1; ; tries++) {
    const result = await runScenario({
      ...{ name, scenario, variant: null, seed: tries, scale: 1, reaper, target },
      diagnose: false,
      toxiproxy: { provider: 'embedded' },
      documentsFolder: null,
      reportFolder: mkdtempSync(join(folder, `${name}-`)),
      signal: new AbortController().signal,
    });
    if (result.verdict !== 'inconclusive' || tries === TRIES) return result;
  }
}

function told({ findings }: RunResult): string {
  return findings
    .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-reached')
    .map(({ check, verdict, message }) => `${check} ${verdict}: ${message}`)
    .join('\n');
}

/** `check` fails on the server with the fault. */
export function guilty(
  scenario: string,
  fault: string,
  check: CheckId,
  config: TargetConfig,
): void {
  test.concurrent(`${scenario}: ${fault} fails on ${check}`, { timeout: TEST_MS }, () =>
    slots(async () => {
      const result = await run(scenario, config);
      const failed = result.findings.filter(({ verdict }) => verdict === 'fail');
      expect(
        failed.map((finding) => finding.check),
        told(result),
      ).toContain(check);
    }),
  );
}

/** The server without a fault passes; a busy machine may leave it undecided. */
export function healthy(scenario: string, config: TargetConfig): void {
  test.concurrent(`${scenario}: the healthy server passes`, { timeout: TEST_MS }, () =>
    slots(async () => {
      const result = await run(scenario, config);
      expect(result.verdict, told(result)).not.toBe('fail');
      const failed = result.findings.filter(({ verdict }) => verdict === 'fail');
      expect(failed).toEqual([]);
    }),
  );
}
