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
const TRIES = 2;
const TEST_MS = 240_000;
/** On a quiet machine the quick part takes less; on a busy one what has not begun by then is skipped, and says so. */
const QUICK_PART_MS = process.env.HANGLAB_LONG === '1' ? Number.POSITIVE_INFINITY : 75_000;

let reaper: Reaper;
let folder: string;
let beganMs = 0;
const slots = pLimit(AT_A_TIME);

const isTimeOver = (): boolean => performance.now() - beganMs > QUICK_PART_MS;

beforeAll(() => {
  beganMs = performance.now();
  reaper = startReaper();
  folder = mkdtempSync(join(tmpdir(), 'hanglab-scenarios-'));
});

afterAll(async () => {
  await reaper[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** @param isDecided of a run that is decided; others run again. */
async function run(
  { scenario: name, server }: Proof,
  fault: string | undefined,
  isDecided: (result: RunResult) => boolean,
): Promise<RunResult> {
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
    if (isDecided(result) || tries === TRIES || isTimeOver()) return result;
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

/** What a busy machine left undecided proves nothing. */
const wasTrusted = ({ findings }: RunResult): boolean =>
  findings.every(({ check, verdict }) => check !== 'harness-trusted' || verdict === 'pass');
const TOO_SLOW = 'the machine was too slow for a verdict';

/** The named check fails on the server with the fault. */
export function proveGuilty(proof: Proof): void {
  const { scenario, fault, check = '' } = proof;
  const name = `${scenario}: a server with ${fault} fails on ${check}`;
  const isCaught = (result: RunResult) => failedChecks(result).includes(check);
  test.concurrent(name, { timeout: TEST_MS }, ({ skip }) =>
    slots(async () => {
      skip(isTimeOver(), TOO_SLOW);
      const result = await run(proof, fault, (each) => isCaught(each) || wasTrusted(each));
      skip(!isCaught(result) && !wasTrusted(result), TOO_SLOW);
      expect(failedChecks(result), told(result)).toContain(check);
    }),
  );
}

/** No check fails on the server without a fault, and on a quiet machine all pass. */
export function proveHealthy(proof: Proof): void {
  const { scenario, server } = proof;
  const { name } = server();
  test.concurrent(`${scenario}: the healthy ${name} passes`, { timeout: TEST_MS }, ({ skip }) =>
    slots(async () => {
      skip(isTimeOver(), TOO_SLOW);
      const result = await run(proof, undefined, ({ verdict }) => verdict !== 'inconclusive');
      skip(result.verdict === 'inconclusive' && !wasTrusted(result), TOO_SLOW);
      expect(result.verdict, told(result)).toBe('pass');
    }),
  );
}
