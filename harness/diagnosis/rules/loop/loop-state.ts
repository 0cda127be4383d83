/** How a process's one event loop does, from outside. Only for runtimes that have one. */
import type { DiagnosisCode } from '../../codes.ts';
import type { OutsideFacts } from '../../facts/outside-facts.ts';
import type { Case } from '../rule.ts';

/**
 * A loop that runs without end has its thread on a core, or waiting for one, in all samples; an idle one in
 * none. What lies between is busy with requests. Tried on the fixtures beside busy neighbours.
 */
const BUSY = 0.85;
const IDLE = 0.1;
/** A loop that writes without pause spends 0.7 to 0.95 in the kernel; one that computes less than 0.2. */
const SYSTEM = 0.6;
/** In its own poll for this part of the samples, it comes back to it. */
const IN_OWN_LOOP = 0.1;
/** Half of the time without a core explains any delay. */
const STARVED = 0.5;
const MIN_SAMPLES = 5;
/** Late by this much, a probe says something about the machine and nothing about the target. */
const MACHINE_LATE_MS = 1000;

export interface LoopState {
  /** It comes back to its events: health answers; without a health path, connections are accepted. */
  turns: boolean;
  isBusy: boolean;
  isIdle: boolean;
  /** It was ready to run and got no core, or the whole machine got none. */
  isStarved: boolean;
  /** So was hanglab's own control server. */
  isMachineLate: boolean;
  /** Most of its time is spent in system calls. */
  isInKernel: boolean;
}

/** Any thread may serve a request in Go and on the JVM: what the first one does says nothing of the others. */
export function hasOneLoop({ process }: Case): boolean {
  return process.runtime !== 'go' && process.runtime !== 'jvm';
}

export function loopState({ outside, health }: Case): LoopState {
  return {
    turns: turns(outside, health),
    // Ready to run but without a core is wanting to run: on a crowded machine that counts as busy.
    isBusy: wantsToRun(outside) >= BUSY,
    isIdle: outside.mainShare < IDLE,
    isStarved: outside.queuedShare > STARVED || outside.stealShare > STARVED,
    isMachineLate: machineLateMs({ outside, health }) > MACHINE_LATE_MS,
    isInKernel: outside.systemShare >= SYSTEM,
  };
}

export function machineLateMs({ outside, health }: Pick<Case, 'outside' | 'health'>): number {
  return health?.controlMs ?? outside.lateMs;
}

function turns(
  { accepts, ownLoopShare, mainShare }: OutsideFacts,
  health: Case['health'],
): boolean {
  if (health && health.asked > 0 && !health.refused) return health.answered > 0;
  if (accepts !== null) return accepts;
  return ownLoopShare === null ? mainShare < BUSY : ownLoopShare > IN_OWN_LOOP;
}

/**
 * The kernel counts the time in the queue only when the thread gets its core: one that still waits for it shows
 * in its state. hanglab's own requests wake it just when it is looked at, so a few samples prove nothing.
 */
function wantsToRun({ mainShare, queuedShare, states, samples }: OutsideFacts): number {
  const seenReady = samples >= MIN_SAMPLES ? (states.R ?? 0) : 0;
  return Math.max(mainShare + queuedShare, seenReady);
}

/** A machine that is late, or gives the process no core, explains its silence. */
export function isHostStarved(subject: Case): boolean {
  const { turns, isBusy, isIdle, isStarved, isMachineLate } = loopState(subject);
  return !turns && isStarved && (isMachineLate || (!isBusy && !isIdle));
}

/**
 * The first guess about a loop that runs, or sleeps elsewhere than in its own poll: its stacks have to be seen.
 * Null for a loop that waits for events, however long its handlers take.
 */
export function runningCode(subject: Case): DiagnosisCode | null {
  const { outside } = subject;
  const { turns, isBusy, isIdle, isStarved, isInKernel } = loopState(subject);
  if (!hasOneLoop(subject) || isHostStarved(subject)) return null;
  if (turns) return isBusy && sharePerCore(outside) >= BUSY ? 'saturated-but-live' : null;
  if (isBusy) return isInKernel ? 'event-loop-saturated' : 'event-loop-blocked';
  const sleepsElsewhere = isIdle && (outside.ownLoopShare ?? 1) < IN_OWN_LOOP && !isStarved;
  return sleepsElsewhere && !isInPipe(outside) ? 'blocked-in-sync-call' : null;
}

export function isInPipe({ waitsIn }: OutsideFacts): boolean {
  return /pipe_w/.test(waitsIn);
}

/** How busy it would be if it had a core whenever it wants one; what answers in time may only lack that. */
function sharePerCore(outside: OutsideFacts): number {
  const wants = wantsToRun(outside);
  // Some kernels tell no times, only states.
  if (outside.mainShare === 0) return wants;
  return outside.mainShare / (outside.mainShare + Math.max(0, 1 - wants));
}
