/**
 * Looks at a loop while it is blocked: a block of a second is over before anybody asks. When a health
 * probe has waited long and the control server has not, the running JavaScript stack is taken, once a run.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { CONTROL_LATE_MS } from '../checks/trusted-time.ts';
import type { Diagnosis, Frame } from '../diagnosis/diagnosis.ts';
import { ownFrame, runningStack } from '../diagnosis/inspector/running-stack.ts';
import { openInspector } from '../diagnosis/inspector/session.ts';
import { frameLabel } from '../diagnosis/wording/frame.ts';
import type { EventOf, History, HistoryEvent } from '../history/history.ts';
import type { Recorder } from '../history/recorder.ts';
import { monotonicMs } from '../platform/clock.ts';
import { displayPath } from '../platform/display-path.ts';
import { formatMs } from '../platform/duration.ts';
import { messageOf } from '../platform/errors.ts';
import { readLight } from '../platform/procfs/process.ts';

/** Well beyond what a busy machine explains, and early enough to meet the block. */
const SUSPICIOUS_MS = 500;
const LOOK_MS = 2500;
/** A loop that runs without end has its thread on a core, or in the queue for one, nearly all the time. */
const BUSY_SHARE = 0.8;
const BUSY_WINDOW_MS = 100;

export interface Lookout {
  /** Resolves when it does not look into the target at this moment. */
  settled(): Promise<void>;
}

export function watchForBlockedLoop(recorder: Recorder, pidNow: () => number): Lookout {
  let looked = false;
  let sinceMs = 0;
  let looking: Promise<void> = Promise.resolve();
  recorder.onEvent((event: HistoryEvent) => {
    // Another look at the target freezes it too: what is late for that is no sign.
    if (event.kind === 'look')
      sinceMs = event.event === 'begun' ? Number.POSITIVE_INFINITY : event.t;
    if (looked || !isSuspicious(event) || event.intendedT < sinceMs) return;
    looked = true;
    looking = look(pidNow(), event, recorder).then((wasBlocked) => {
      looked = wasBlocked;
    });
  });
  return { settled: () => looking };
}

function isSuspicious(event: HistoryEvent): event is EventOf<'health'> {
  return (
    event.kind === 'health' &&
    !event.answered &&
    event.latencyMs >= SUSPICIOUS_MS &&
    event.controlMs < CONTROL_LATE_MS
  );
}

/** @returns whether the loop was blocked; if not, the next late probe is worth another look. */
async function look(
  pid: number,
  { latencyMs }: EventOf<'health'>,
  recorder: Recorder,
): Promise<boolean> {
  const askedMs = recorder.elapsedMs();
  try {
    if (!(await isBusy(pid))) return false;
    await using inspector = await openInspector(pid, { timeoutMs: LOOK_MS });
    const frames = await runningStack(inspector, LOOK_MS);
    // A loop that has answered meanwhile is busy, or its health handler waits: it is not blocked.
    if (!frames || hasAnswered(recorder, askedMs)) return false;
    const shown = frames.map((frame) => ({ ...frame, file: displayPath(frame.file) }));
    recorder.record({
      kind: 'blocked-stack',
      probeAgeMs: Math.round(latencyMs),
      frames: shown,
    });
  } catch (error) {
    recorder.record({ kind: 'note', text: `no stack of the blocked loop: ${messageOf(error)}` });
  }
  return true;
}

function hasAnswered(recorder: Recorder, sinceMs: number): boolean {
  return recorder
    .history()
    .of('health')
    .some(({ answered, t }) => answered && t > sinceMs);
}

/** An idle loop whose health handler waits for something is another matter, for the diagnosis at the end. */
async function isBusy(pid: number): Promise<boolean> {
  const startMs = monotonicMs();
  const before = readLight(pid);
  await sleep(BUSY_WINDOW_MS);
  const after = readLight(pid);
  if (!before || !after) return false;
  const ranMs = after.mainThreadCpuMs - before.mainThreadCpuMs;
  const waitedMs = after.mainThreadWaitMs - before.mainThreadWaitMs;
  return ranMs + waitedMs >= BUSY_SHARE * (monotonicMs() - startMs);
}

/** The diagnosis that such a stack is, null when none was taken. */
export function blockedLoopDiagnosis(history: History, pid: number): Diagnosis | null {
  const stack = history.of('blocked-stack')[0];
  const own = stack && ownFrame(stack.frames as Frame[]);
  if (!stack || !own) return null;
  const { frames, probeAgeMs } = stack;
  return {
    schema: 'hanglab.diagnose/1',
    pid,
    code: 'event-loop-blocked',
    sentence: `The event loop was blocked: JavaScript ran at ${frameLabel(own)} while a health probe waited.`,
    where: [
      { ...own, count: 1, ageMs: null, chain: frames.toReversed(), waitsFor: '', locals: [] },
    ],
    holder: null,
    evidence: [
      `a health probe had waited ${formatMs(probeAgeMs)}, and the control server was on time`,
      'the stack was taken in that moment, during the run',
    ],
    ruledOut: [],
    decided: true,
    costMs: { frozen: 0, total: 0 },
  };
}
