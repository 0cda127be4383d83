/**
 * `npm run proof:soak`: every leak of the small servers, and their twins without any. Prints a line for each; its
 * exit code is 0 when each leak was found and each twin was flat.
 */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMs } from '../../platform/clock.ts';
import { formatMs } from '../../platform/duration.ts';
import { startReaper } from '../../reaper/reaper.ts';
import {
  LANGUAGES,
  type Language,
  LEAKS,
  type Leak,
  leakingTarget,
  removeBuilt,
} from '../fixtures/targets.ts';
import { DEFAULT_SMALLEST } from '../resources/catalogue.ts';
import { planOf } from '../rounds/plan.ts';
import { runSoak, type SoakSettings } from '../run-soak.ts';
import { newStore } from '../store.ts';

/** As the command line has them: 10 s of work a round. */
const STILL_MS = 2_000;
const only = process.argv.slice(2);

/** What must be found, whatever else is. */
const RESOURCES: Readonly<Record<Leak, RegExp>> = {
  fd: /^fds: file$/,
  socket: /CLOSE_WAIT$/,
  thread: /^threads$/,
  task: /^(tasks|goroutines)$/,
  memory: /^(heap|memory)$/,
  buffer: /^(buffers|memory)$/,
  timer: /^(active resources|heap|memory)$/,
};

async function soaked(language: Language, leaks: readonly Leak[]): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'hanglab-proof-'));
  const target = leakingTarget(language, leaks);
  const settings: SoakSettings = {
    target: target.name,
    plan: planOf({ stillMs: STILL_MS }),
    ...{ scenarios: [], seed: 1, clients: 4, stillMs: STILL_MS, idleMs: 0, lateMs: 10_000 },
    ...{ smallest: DEFAULT_SMALLEST, heapSnapshots: false, isTimed: false, config: null },
    pprof: language === 'go' && !leaks.includes('socket') ? '/debug/pprof' : null,
    command: 'npm run proof:soak',
  };
  const startMs = monotonicMs();
  await using reaper = startReaper();
  const soak = await runSoak({
    ...{ target, store: newStore(folder, settings), scenarios: [], scale: 1, reaper },
    ...{ toxiproxy: { provider: 'embedded' }, documentsFolder: null },
    signal: new AbortController().signal,
  });
  await rm(folder, { recursive: true });
  const found = soak.resources.filter(({ verdict }) => verdict === 'leak');
  const isRight =
    leaks.length === 0
      ? soak.verdict === 'flat'
      : leaks.every((leak) => found.some(({ name }) => RESOURCES[leak].test(name)));
  const told = soak.resources.filter(({ verdict, name }) =>
    leaks.length === 0
      ? verdict !== 'flat' || /^(memory|heap|fds: file)$/.test(name)
      : verdict !== 'flat',
  );
  process.stdout.write(
    `${isRight ? 'right' : 'WRONG'}  ${target.name}: ${soak.verdict} in ${formatMs(monotonicMs() - startMs)}, ${soak.totals.operations} requests\n` +
      told
        .map(({ name, verdict, sentence }) => `         ${name}: ${verdict}: ${sentence}\n`)
        .join(''),
  );
  return isRight;
}

let areRight = true;
for (const language of LANGUAGES) {
  for (const leaks of [...LEAKS[language].map((leak) => [leak]), []]) {
    const name = `${language}-${leaks[0] ?? 'fixed'}`;
    if (only.length > 0 && !only.includes(name) && !only.includes(language)) continue;
    areRight = (await soaked(language, leaks)) && areRight;
  }
}
removeBuilt();
process.exitCode = areRight ? 0 : 1;
