/**
 * Each scenario on small servers: with a fault it fails by the check that it is for, without one it passes.
 * `HANGLAB_LONG=1` runs all of the table; otherwise the shortest part that shows each class of failure.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scenarioNames } from '../harness/scenario/catalogue.ts';
import { isLong } from '../harness/testing/long.ts';
import { FIXTURES, GO_TASKS, goTasks } from './fixtures/targets.ts';
import { PROOFS, PROVED_ELSEWHERE } from './proofs.ts';
import { proveGuilty, proveHealthy } from './prove.test-helper.ts';

const hasGo = spawnSync('go', ['version']).status === 0;
const proofs = PROOFS.filter(({ server }) => server !== goTasks || (isLong && hasGo));
const BUILD_MS = 120_000;

beforeAll(() => {
  if (!isLong || !hasGo) return;
  const built = spawnSync('go', ['build', '-o', GO_TASKS, join(FIXTURES, 'go/tasks.go')]);
  if (built.status !== 0) throw new Error(`go build failed: ${built.stderr}`);
}, BUILD_MS);

afterAll(() => rmSync(GO_TASKS, { force: true }));

test('each scenario is proved', () => {
  const proved = PROOFS.map(({ scenario }) => scenario.split('@')[0]);
  expect([...new Set([...proved, ...PROVED_ELSEWHERE])].sort()).toEqual(scenarioNames());
});

describe('with a fault', () => {
  for (const proof of proofs) {
    if (proof.check && (isLong || proof.quick)) proveGuilty(proof);
  }
});

describe('without one', () => {
  const seen = new Set<string>();
  for (const proof of proofs) {
    const key = `${proof.scenario} ${proof.server.name}`;
    if ((isLong || proof.quick === 'both') && !seen.has(key)) proveHealthy(proof);
    if (isLong || proof.quick === 'both') seen.add(key);
  }
});
