/**
 * The first half of the questions: what /proc and a health probe decide by themselves, and which look
 * inside the process the rest needs. A pure function; the order is that of codes.md, first match wins.
 */
import type { DiagnosisCode } from '../codes.ts';
import type { RunHints } from '../diagnosis.ts';
import { leaksOf } from '../resources/leaks.ts';
import { notableLines } from '../resources/notable.ts';
import type { Runtime } from '../runtime.ts';
import type { Observation } from './observe.ts';

export type Look =
  /** Nothing more to ask. */
  | 'none'
  /** The stack of what runs or blocks, native and JavaScript. */
  | 'stack'
  /** The suspended functions. */
  | 'awaits';

export interface OutsideView {
  /** The answer, or the first guess that the look has to confirm. */
  code: DiagnosisCode;
  look: Look;
  /** When the outside alone says more than the code does. */
  sentence?: string;
  evidence: string[];
  ruledOut: { code: DiagnosisCode; because: string }[];
}

const BUSY = 0.85;
const IDLE = 0.1;
const SYSTEM = 0.6;
/** Late by this much, a probe says something of the machine and nothing of the target. */
const UNSENT_BYTES = 64_000;
const GROWTH_BYTES_PER_SECOND = 4e6;
const MACHINE_LATE_MS = 1000;

export function viewFromOutside(
  seen: Observation,
  hints: RunHints = {},
  runtime: Runtime = 'node',
): OutsideView {
  const evidence = [facts(seen), ...notableLines(seen, hints.links ?? {})];
  const ruledOut: OutsideView['ruledOut'] = [];
  const answer = (code: DiagnosisCode, look: Look, ...more: string[]): OutsideView => ({
    code,
    look,
    evidence: [...evidence, ...more],
    ruledOut,
  });
  const rule = (code: DiagnosisCode, because: string) => ruledOut.push({ code, because });
  /** What has leaked, or null; on the way it tells what has not. */
  const leaked = (): OutsideView | null => {
    const leaks = leaksOf(seen, hints, runtime);
    evidence.push(...leaks.evidence);
    ruledOut.push(...leaks.ruledOut);
    return leaks.leak && { ...answer(leaks.leak.code, 'none'), sentence: leaks.leak.sentence };
  };

  if (!seen.alive || hints.exit) return answer('crashed', 'none', exitOf(hints));
  rule('crashed', 'the process lives, and is the one that was asked for');
  if ((seen.states.T ?? 0) + (seen.states.t ?? 0) > 0.9) {
    return answer('stopped', 'none', 'state T: a signal (SIGSTOP) or a debugger has stopped it');
  }
  if ((seen.states.D ?? 0) > 0.8) {
    return answer(
      'kernel-io',
      'none',
      `state D: it waits for a device in ${seen.waitsIn || 'the kernel'}`,
    );
  }
  if (runtime === 'go' || runtime === 'jvm') {
    // Any thread may serve a request there: what the first one does says nothing of the others.
    if (seen.health?.answered === 0) return answer('awaiting-forever', 'awaits');
    return leaked() ?? answer('live', 'awaits');
  }
  const loopTurns = isLive(seen);
  const isMachineLate = (seen.health?.controlMs ?? seen.lateMs) > MACHINE_LATE_MS;
  const isStarved = seen.queuedShare > 0.5 || seen.stealShare > 0.5;
  // Ready to run but without a core is wanting to run: on a crowded machine that counts as busy.
  const wantsToRun = Math.max(seen.mainShare + seen.queuedShare, seen.states.R ?? 0);
  const isBusy = wantsToRun >= BUSY;

  if (!loopTurns) {
    rule('live', seen.health ? 'the health path does not answer' : 'it accepts no connection');
    if (isMachineLate && isStarved) {
      return answer(
        'host-starved',
        'none',
        `the control server was late too: ${Math.round(seen.health?.controlMs ?? seen.lateMs)} ms`,
      );
    }
    if (isBusy && seen.systemShare >= SYSTEM) {
      return answer(
        'event-loop-saturated',
        'stack',
        `${percent(seen.systemShare)} of its time is spent in system calls`,
      );
    }
    if (isBusy) {
      rule(
        'event-loop-saturated',
        `only ${percent(seen.systemShare)} of its time is spent in the kernel`,
      );
      return answer('event-loop-blocked', 'stack');
    }
    rule('event-loop-blocked', `its first thread uses ${percent(seen.mainShare)} of a core`);
    if (seen.mainShare < IDLE && /pipe_w/.test(seen.waitsIn)) {
      return answer('pipe-full', 'none', `its first thread sleeps in ${seen.waitsIn}`);
    }
    if (seen.mainShare < IDLE && (seen.ownLoopShare ?? 1) < 0.1 && !isStarved) {
      return answer(
        'blocked-in-sync-call',
        'stack',
        `its first thread sleeps in ${seen.waitsIn || 'the kernel'}, not in its event loop`,
      );
    }
    if (isStarved && seen.mainShare >= IDLE) {
      return answer(
        'host-starved',
        'none',
        `ready to run but without a core for ${percent(seen.queuedShare)} of the time, steal ${percent(seen.stealShare)}`,
      );
    }
    rule(
      'blocked-in-sync-call',
      'it waits in its own event loop: the health handler itself is waiting',
    );
    return answer('awaiting-forever', 'awaits');
  }
  rule('event-loop-blocked', seen.health ? 'the health path answers' : 'its event loop turns');
  if (isBusy && sharePerCore(seen, wantsToRun) >= BUSY)
    return answer('saturated-but-live', 'stack');
  rule('saturated-but-live', `its first thread uses ${percent(seen.mainShare)} of a core`);
  const unsent = unsentTo(seen);
  if (unsent) return answer('backpressure-growth', 'none', unsent);
  const leak = leaked();
  if (leak) return leak;
  if (hints.staleClaims && hints.staleClaims.count > 0) {
    const { count, oldestMs } = hints.staleClaims;
    return answer(
      'stale-claims',
      // A claimed row may also be one that a living worker stands still with.
      runtime === 'node' ? 'awaits' : 'none',
      `${count} rows are claimed, the oldest for ${Math.round(oldestMs / 1000)} s`,
    );
  }
  if (runtime !== 'node') return answer('live', 'awaits');
  if (seen.busyWorkers >= seen.poolSize) {
    return answer(
      'threadpool-starved',
      'awaits',
      `all ${seen.poolSize} threads of the pool are busy`,
    );
  }
  rule('threadpool-starved', `${seen.busyWorkers} of the pool's ${seen.poolSize} threads are busy`);
  return answer('live', 'awaits');
}

/** How busy it would be if it had a core whenever it wants one; what answers in time may only lack that. */
function sharePerCore({ mainShare }: Observation, wantsToRun: number): number {
  // Some kernels tell no times, only states.
  if (mainShare === 0) return wantsToRun;
  return mainShare / (mainShare + Math.max(0, 1 - wantsToRun));
}

/** Does its event loop turn? Without a health path: it accepts, or it is seen in its own loop. */
function isLive({ health, accepts, ownLoopShare, mainShare }: Observation): boolean {
  if (health && health.asked > 0) return health.answered > 0;
  if (accepts !== null) return accepts;
  return ownLoopShare === null ? mainShare < BUSY : ownLoopShare > 0.1;
}

/** Bytes that clients do not read while memory grows: small queues and a steady heap are nothing. */
function unsentTo({ sockets, first, last, windowMs }: Observation): string | null {
  const ports = new Set(
    sockets.filter(({ state }) => state === 'LISTEN').map(({ localPort }) => localPort),
  );
  const full = sockets.filter(
    ({ localPort, sendQueueBytes }) => ports.has(localPort) && sendQueueBytes > UNSENT_BYTES,
  );
  const grownBytes = last.rssBytes - first.rssBytes;
  if (full.length === 0 || grownBytes < GROWTH_BYTES_PER_SECOND * (windowMs / 1000)) return null;
  const unsentBytes = full.reduce((sum, { sendQueueBytes }) => sum + sendQueueBytes, 0);
  return `${full.length} clients do not read: ${unsentBytes} bytes wait in their sockets, and memory grew by ${Math.round(grownBytes / 1e6)} MB meanwhile`;
}

function facts(seen: Observation): string {
  const health = seen.health
    ? `health ${seen.health.answered} of ${seen.health.asked} answered, slowest ${Math.round(seen.health.worstMs)} ms (control ${Math.round(seen.health.controlMs)} ms)`
    : seen.accepts === null
      ? 'no health path'
      : `a bare connection is ${seen.accepts ? '' : 'not '}accepted`;
  const states = Object.entries(seen.states).map(([state, share]) => `${state} ${percent(share)}`);
  return `${(seen.windowMs / 1000).toFixed(1)} s watched: first thread ${percent(seen.mainShare)} of a core (${percent(seen.systemShare)} of it in the kernel), state ${states.join(' ')}, kept from a core ${percent(seen.queuedShare)}, process ${percent(seen.processShare)}, steal ${percent(seen.stealShare)}; ${health}`;
}

function exitOf({ exit }: RunHints): string {
  if (!exit) return 'it has ended, is a zombie, or another process has its number now';
  return exit.signal ? `it was ended by ${exit.signal}` : `it ended with exit code ${exit.code}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
