/**
 * The short regression suite of `npm test`: the healthy target passes, and the five quickest defects are
 * caught by the check that is named for them. `npm run matrix` is the whole.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadScenario, SHORT_SUITE } from '../harness/catalogue.ts';
import { type Reaper, startReaper } from '../harness/reaper.ts';
import { type RunResult, runScenario } from '../harness/run.ts';

const QUICKEST = [
  ['cascade-takes-engine-permit', 'upload-burst', 'progress'],
  ['no-attempt-deadline', 'llm-goes-silent', 'every-request-ends'],
  ['longer-timeout', 'llm-goes-silent', 'every-request-ends'],
  ['ready-always-green', 'llm-goes-silent', 'ready-tells-the-truth'],
  ['health-behind-engine', 'llm-slow', 'health'],
] as const;

/** A busy machine makes a run inconclusive, never wrong; it is then run again. */
const TRIES = 3;

let reaper: Reaper;
let folder: string;

beforeAll(() => {
  reaper = startReaper();
  folder = mkdtempSync(join(tmpdir(), 'hanglab-regression-'));
});

afterAll(async () => {
  await reaper[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function run(name: string, defect: string | null): Promise<RunResult> {
  const { scenario } = await loadScenario(name);
  for (let tries = 1; ; tries++) {
    const result = await runScenario({
      ...{ name, scenario, defect, seed: 316, scale: 1, reaper, diagnose: false },
      toxiproxy: { provider: 'embedded' },
      documentsFolder: null,
      reportFolder: mkdtempSync(join(folder, `${name}-`)),
      signal: new AbortController().signal,
    });
    if (result.verdict !== 'inconclusive' || tries === TRIES) return result;
  }
}

/** What the assertion shows when it is not as expected. */
const told = ({ findings }: RunResult): string[] =>
  findings
    .filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-reached')
    .map(({ check, verdict, message }) => `${check} ${verdict}: ${message}`);

describe('the healthy target passes', () => {
  test.each(SHORT_SUITE)('%s', { timeout: 120_000 }, async (name) => {
    const result = await run(name, null);
    expect(result.verdict, told(result).join('\n')).toBe('pass');
  });
});

describe('is caught', () => {
  test.each(QUICKEST)('%s in %s by %s', { timeout: 120_000 }, async (defect, name, check) => {
    const result = await run(name, defect);
    const caughtBy = result.findings.filter(({ verdict }) => verdict === 'fail');
    expect(
      caughtBy.map((finding) => finding.check),
      told(result).join('\n'),
    ).toContain(check);
  });
});
