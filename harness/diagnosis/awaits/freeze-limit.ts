/**
 * How long a heap snapshot would freeze a process, before it is taken: once begun it cannot be ended. On a machine
 * that gives the process a tenth of a core it takes ten times as long, and whoever waits for an answer meanwhile
 * (clients, health checks) gives up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError } from '../../platform/errors.ts';
import { readText } from '../../platform/procfs/files.ts';
import type { Inspector } from '../inspector/session.ts';

/** What the largest heap that is looked into unasked takes with a core of its own. */
const LIMIT_MS = 6000;
/** Measured with Node 24: 38 to 110 ms, the more the smaller the objects are. */
const MS_PER_MEGABYTE = 40;
/** Several turns of the scheduler. The process has that little to do: it counts as frozen. */
const BUSY_MS = 50;
/** A share above is no more than noise. */
const ENOUGH = 0.5;
const TRIES = 3;
const APART_MS = 1000;

/** Of a core, while it has something to do: 0 to 1. */
async function coreShare(inspector: Inspector): Promise<number> {
  const before = runAndQueued(inspector.pid);
  const expression = `for (const end = performance.now() + ${BUSY_MS}; performance.now() < end;);`;
  await inspector.send('Runtime.evaluate', { expression, silent: true });
  const after = runAndQueued(inspector.pid);
  const [ran, queued] = [after[0] - before[0], after[1] - before[1]];
  return ran + queued > 0 ? ran / (ran + queued) : 1;
}

/** Nanoseconds that its first thread has run, and has been ready without a core. */
function runAndQueued(pid: number): [number, number] {
  const [ran = 0, queued = 0] = (readText(`/proc/${pid}/task/${pid}/schedstat`) ?? '')
    .split(' ')
    .map(Number);
  return [ran, queued];
}

export function expectedFreezeMs(heapBytes: number, share: number): number {
  const freeMs = (heapBytes / 1e6) * MS_PER_MEGABYTE;
  return share >= ENOUGH ? freeMs : freeMs / Math.max(share, 0.001);
}

/**
 * Waits some seconds for a quieter moment.
 * @returns how long the process was kept busy for that.
 * @throws HanglabError `machine-too-slow` when none comes.
 */
export async function awaitQuiet(
  inspector: Inspector,
  heapBytes: number,
  signal?: AbortSignal,
): Promise<number> {
  for (let turn = 1; ; turn++) {
    const share = await coreShare(inspector);
    const expectedMs = expectedFreezeMs(heapBytes, share);
    if (share >= ENOUGH || expectedMs <= LIMIT_MS) return turn * BUSY_MS;
    if (turn === TRIES) {
      throw new HanglabError(
        'machine-too-slow',
        `The machine gives the process ${Math.max(1, Math.round(share * 100))} % of a core at the moment: looking into its heap ` +
          `would freeze it for about ${Math.round(expectedMs / 1000)} s, and the limit is ${LIMIT_MS / 1000} s. ` +
          'Look again when the machine is quieter, or add --heap to look into it anyway.',
      );
    }
    await sleep(APART_MS, undefined, { signal });
  }
}
