/**
 * The short regression suite of `npm test`: the healthy target passes, and some defects are caught by the
 * check that is named for them, and their hang by its name and place. `npm run matrix` is the whole.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { real } from '../harness/links/conformance/servers.ts';
import { diagnosisMatches } from '../harness/matrix/matrix.ts';
import { openEngine } from '../harness/platform/docker-engine.ts';
import { type Reaper, startReaper } from '../harness/reaper/reaper.ts';
import { type RunResult, runScenario } from '../harness/run/run.ts';
import { loadScenario } from '../harness/scenario/catalogue.ts';
import { chosenScenarios } from '../harness/scenario/selection.ts';
import { forScenario } from '../harness/target/config/build-target.ts';
import { loadConfig } from '../harness/target/config/load-config.ts';
import { MATRIX_ROWS } from './matrix-rows.ts';

const DEFECTS = [
  'cascade-takes-engine-permit',
  'no-attempt-deadline',
  'longer-timeout',
  'ready-always-green',
  'health-behind-engine',
  'batch-waits-for-slowest',
  'upload-waits-for-cascade',
];
const SHORT_SUITE = chosenScenarios(await loadConfig(null), false);
const ROWS = MATRIX_ROWS.filter(({ defect }) => DEFECTS.includes(defect));

/** Pulling one from afar is no part of a test: `.ci/run` makes one from local files. */
const hasImage =
  process.env.HANGLAB_TOXIPROXY_IMAGE !== undefined &&
  (await openEngine().then(
    () => true,
    () => false,
  ));

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

async function run(
  name: string,
  defect: string | null,
  provider: 'embedded' | 'binary' | 'docker' = 'embedded',
): Promise<RunResult> {
  const { scenario } = await loadScenario(name);
  const { target, config } = await loadConfig(null);
  for (let tries = 1; ; tries++) {
    const result = await runScenario({
      ...{ name, scenario, variant: defect, seed: 316, scale: 1, reaper },
      target: forScenario(target(defect), config, name),
      toxiproxy: { provider },
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

describe('is caught, and named', () => {
  test.each(ROWS)('$defect in $scenario by $expected', { timeout: 120_000 }, async (row) => {
    const result = await run(row.scenario, row.defect);
    const caughtBy = result.findings.filter(({ verdict }) => verdict === 'fail');
    expect(
      caughtBy.map((finding) => finding.check),
      told(result).join('\n'),
    ).toContain(row.expected);
    const { diagnosis } = result;
    expect(diagnosisMatches(diagnosis, row.diagnosis!), JSON.stringify(diagnosis, null, 1)).toBe(
      true,
    );
    // Where the await could not be asked for, only the function's begin is known: that may not be all there is.
    const places = diagnosis!.where;
    if (places.length > 0) expect(places.some(({ isBegin }) => !isBegin)).toBe(true);
    for (const { file, line, isBegin } of places) {
      if (file.startsWith('target/') && !isBegin)
        expect(lineOf(file, line), `${file}:${line}`).toMatch(/await/);
    }
  });
});

/** The verdict is the target's, whoever carries its bytes. */
describe('over the real Toxiproxy', () => {
  const providers = [
    { provider: 'binary' as const, isHere: !real.skipped, why: real.name },
    {
      provider: 'docker' as const,
      isHere: hasImage,
      why: 'skipped: no Docker engine, or no image',
    },
  ];
  for (const { provider, isHere, why } of providers) {
    const { defect, scenario, expected } = ROWS[0]!;
    test.skipIf(!isHere)(
      `${provider}: ${isHere ? 'the same verdicts' : why}`,
      async () => {
        const healthy = await run(scenario, null, provider);
        expect(healthy.toxiproxy).toEqual({ provider, version: '2.12.0' });
        expect(healthy.verdict, told(healthy).join('\n')).toBe('pass');
        const defective = await run(scenario, defect, provider);
        expect(told(defective).join('\n')).toContain(`${expected} fail`);
      },
      240_000,
    );
  }
});

const lineOf = (file: string, line: number): string =>
  readFileSync(new URL(`../${file}`, import.meta.url), 'utf8').split('\n')[line - 1] ?? '';
