/**
 * Runs scenarios against small servers: a guilty one fails on the check that the scenario is for, its healthy
 * twin never fails. Several run at a time, and what a busy machine left undecided runs again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../harness/platform/free-port.ts';
import { type Reaper, startReaper } from '../harness/reaper/reaper.ts';
import { type RunResult, runScenario } from '../harness/run/run.ts';
import { skipReason } from '../harness/run/skip.ts';
import { loadScenario } from '../harness/scenario/catalogue.ts';
import { buildTarget } from '../harness/target/config/build-target.ts';
import { FIXTURES } from './fixtures/targets.ts';
import type { Proof } from './proofs.ts';

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

async function run({ scenario: name, server }: Proof, fault?: string): Promise<RunResult> {
  const { scenario } = await loadScenario(name);
  for (let tries = 1; ; tries++) {
    const target = buildTarget(server(fault, await freePort()), FIXTURES);
    const skipped = skipReason(scenario, target);
    if (skipped) throw new Error(`${name} is skipped: ${skipped}`);
    const result = await runScenario({
      ...{ name, scenario, variant: null, seed: tries, scale: 1, reaper, target },
      diagnose: false,
      toxiproxy: { provider: 'embedded' },
      documentsFolder: null,
      reportFolder: mkdtempSync(join(folder, 'run-')),
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

const failedChecks = ({ findings }: RunResult): string[] =>
  findings.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check);

/** The named check fails on the server with the fault. */
export function proveGuilty(proof: Proof): void {
  const { scenario, fault, check } = proof;
  test.concurrent(
    `${scenario}: a server with ${fault} fails on ${check}`,
    { timeout: TEST_MS },
    () =>
      slots(async () => {
        const result = await run(proof, fault);
        expect(failedChecks(result), told(result)).toContain(check);
      }),
  );
}

/** No check fails on the server without a fault; a busy machine may leave one undecided. */
export function proveHealthy(proof: Proof): void {
  const { scenario, server } = proof;
  const { name } = server();
  test.concurrent(`${scenario}: the healthy ${name} passes`, { timeout: TEST_MS }, () =>
    slots(async () => {
      const result = await run(proof);
      expect(failedChecks(result), told(result)).toEqual([]);
    }),
  );
}
