/**
 * Whole soaks of small servers with real leaks, and of their twins without: as short as they can be and still be
 * true. `npm run proof:soak` does the same with each leak alone and the smallest leaks that the default rules out.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startReaper } from '../reaper/reaper.ts';
import { buildTarget } from '../target/config/build-target.ts';
import type { Target } from '../target/target.ts';
import { isLong } from '../testing/long.ts';
import { hasGo, type Language, type Leak, leakingTarget, removeBuilt } from './fixtures/targets.ts';
import type { SoakJson } from './report/soak-json.ts';
import { planOf } from './rounds/plan.ts';
import { judgeStored, runSoak, type SoakSettings } from './run-soak.ts';
import { newStore, openStore } from './store.ts';

const REQUESTS = 200;
const STILL_MS = 300;

const folders: string[] = [];
afterAll(() => {
  removeBuilt();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Soaked {
  soak: SoakJson;
  folder: string;
}

async function soaked(target: Target, changed: Partial<SoakSettings> = {}): Promise<Soaked> {
  const folder = mkdtempSync(join(tmpdir(), 'soak-test-'));
  folders.push(folder);
  const settings: SoakSettings = {
    target: target.name,
    plan: planOf({ stillMs: STILL_MS, operations: REQUESTS }),
    ...{ scenarios: [], seed: 1, clients: 4, stillMs: STILL_MS, idleMs: 0, lateMs: 1_000 },
    // 1,600 requests rule out no less: an allocator's reserve alone comes to 1,250 B of each.
    smallest: { count: 1 / 200, bytes: 12_000 },
    ...{ pprof: null, heapSnapshots: false, isTimed: false, config: null, command: 'hanglab soak' },
    ...changed,
  };
  await using reaper = startReaper();
  const soak = await runSoak({
    ...{ target, store: newStore(folder, settings), scenarios: [], scale: 1, reaper },
    ...{ toxiproxy: { provider: 'embedded' }, documentsFolder: null },
    signal: new AbortController().signal,
  });
  return { soak, folder };
}

const leaksOf = ({ resources }: SoakJson) => resources.filter(({ verdict }) => verdict === 'leak');
const sentenceOf = (soak: SoakJson, name: RegExp) =>
  leaksOf(soak).find((each) => name.test(each.name))?.sentence;

/** Both at once: the time is mostly rest. */
const pair = (language: Language, leaks: readonly Leak[], changed: Partial<SoakSettings> = {}) =>
  Promise.all([
    soaked(leakingTarget(language, leaks), changed),
    soaked(leakingTarget(language, []), changed),
  ]);

describe.concurrent('a soak', { timeout: 300_000 }, () => {
  it('finds what a Node server leaks, with what grew, and calls its twin flat', async () => {
    const [guilty, fixed] = await pair('node', ['fd', 'timer', 'memory'], { heapSnapshots: true });
    expect(guilty.soak.verdict).toBe('leak');
    expect(sentenceOf(guilty.soak, /^fds: file$/)).toMatch(
      /^\+0\.1 a request, 1 in 10 requests \(3,200 requests: \+320\); the limit of [\d,]+ is reached in/,
    );
    expect(sentenceOf(guilty.soak, /^active resources$/)).toMatch(/^\+1\.00 a request/);
    expect(sentenceOf(guilty.soak, /^heap$/)).toMatch(/^\+1\.\d kB a request/);
    const evidence = leaksOf(guilty.soak).flatMap((each) => each.evidence);
    expect(evidence).toContainEqual(expect.stringMatching(/leaks\.mjs: \d+ → \d+$/));
    expect(evidence).toContainEqual(expect.stringMatching(/^Timeout: \d+ → \d+$/));
    expect(evidence).toContainEqual(expect.stringMatching(/new Object.*held by .*`kept`/));

    expect(fixed.soak.resources.filter(({ verdict }) => verdict !== 'flat')).toEqual([]);
    expect(fixed.soak.verdict).toBe('flat');
    const bounds = fixed.soak.resources.map(({ bound }) => bound);
    expect(bounds.every((bound) => bound !== null && bound >= 0)).toBe(true);

    // What was kept says the same again.
    expect(judgeStored(openStore(guilty.folder)).verdict).toBe('leak');
    expect(readFileSync(join(guilty.folder, 'summary.md'), 'utf8')).toMatch(
      /^# Soak of node-fd-timer-memory: leak/,
    );
  });

  it.runIf(isLong)(
    'finds what a Python server leaks by connection, and calls its twin flat',
    async () => {
      const [guilty, fixed] = await pair('python', ['task', 'socket']);
      expect(sentenceOf(guilty.soak, /^tasks$/)).toMatch(/^\+1\.00 a connection \(/);
      expect(sentenceOf(guilty.soak, /CLOSE_WAIT$/)).toMatch(/^\+1\.00 a connection \(/);
      const evidence = leaksOf(guilty.soak).flatMap((each) => each.evidence);
      expect(evidence).toContainEqual(
        expect.stringMatching(/^waits_for_ever \(.*leaks\.py:\d+\): \d+ → \d+$/),
      );
      expect(evidence).toContainEqual(
        expect.stringMatching(/^CLOSE_WAIT from clients of port \d+: \d+ → \d+$/),
      );
      expect(fixed.soak.resources.filter(({ verdict }) => verdict !== 'flat')).toEqual([]);
    },
  );

  it.skipIf(!isLong || !hasGo())(
    'finds what a Go server leaks, and calls its twin flat',
    async () => {
      const [guilty, fixed] = await pair('go', ['fd', 'task'], { pprof: '/debug/pprof' });
      expect(sentenceOf(guilty.soak, /^fds: file$/)).toMatch(/^\+0\.1 a request/);
      expect(sentenceOf(guilty.soak, /^goroutines$/)).toMatch(/^\+1\.00 a request/);
      const evidence = leaksOf(guilty.soak).flatMap((each) => each.evidence);
      expect(evidence).toContainEqual(
        expect.stringMatching(/^main\.handle\.func1 \(.*leaks\.go:\d+\): \d+ → \d+$/),
      );
      expect(fixed.soak.resources.filter(({ verdict }) => verdict !== 'flat')).toEqual([]);
    },
  );
});

describe.concurrent('a soak of a server that fails', { timeout: 120_000 }, () => {
  /**
   * @param when is done by the hundredth request.
   * @param request its limit: a short one makes a process that is starved look stuck.
   */
  const failing = (when: string, request: '500ms' | '10s'): Target =>
    buildTarget(
      {
        name: 'failing',
        server: {
          command: [
            process.execPath,
            '-e',
            `let n = 0;
             require('node:http').createServer((request, response) => {
               if (++n >= 100) { ${when} }
               response.end('ok');
             }).listen(process.env.PORT, '127.0.0.1')`,
          ],
        },
        limits: { request },
        operations: { get: { get: '/' } },
      },
      tmpdir(),
    );

  it('that answers no more says so, with a diagnosis taken while the requests wait', async () => {
    const { soak } = await soaked(failing('return;', '500ms'));
    expect(soak.verdict).toBe('failed');
    expect(soak.failure).toMatchObject({ kind: 'target-stuck' });
    expect(soak.failure?.message).toMatch(/^4 requests are open and none has ended for/);
    expect(soak.failure?.diagnosis).not.toBeNull();
  });

  it('that ends says so, with its last lines', async () => {
    const { soak } = await soaked(failing('console.error("out of luck"); process.exit(7);', '10s'));
    expect(soak.verdict).toBe('failed');
    expect(soak.failure).toMatchObject({ kind: 'target-ended' });
    expect(soak.failure?.message).toMatch(/exited unexpectedly.*out of luck/);
  });

  it('is not begun when there is nothing to send', async () => {
    const silent = buildTarget(
      { name: 'silent', server: { command: 'sleep 60', ready: 'port' } },
      tmpdir(),
    );
    await expect(soaked(silent)).rejects.toThrow(/silent has no operations/);
  });
});
