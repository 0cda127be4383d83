/**
 * Takes the stack of an event loop while it is blocked: a block of a second is over before anybody asks. When
 * a health probe has waited long and the control server has not, the running JavaScript stack is taken, once
 * a run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTROL_LATE_MS } from '../checks/judging/trusted-time.ts';
import type { Diagnosis, Frame } from '../diagnosis/diagnosis.ts';
import { ownFrame, runningStack } from '../diagnosis/inspector/running-stack.ts';
import { openInspector } from '../diagnosis/inspector/session.ts';
import { frameLabel } from '../diagnosis/wording/frame.ts';
import type { EventOf, HistoryEvent } from '../history/events.ts';
import type { Recorder } from '../history/recorder.ts';
import { monotonicMs } from '../platform/clock.ts';
import { displayPath } from '../platform/display-path.ts';
import { formatMs } from '../platform/duration.ts';
import { messageOf } from '../platform/errors.ts';
import { readLight } from '../platform/procfs/process.ts';

/** Well beyond what a busy machine explains, and early enough to meet the block. */
const SUSPICIOUS_MS = 500;
const INSPECT_MS = 2500;
/** A loop that runs without end has its thread on a core, or in the queue for one, nearly all the time. */
const BUSY_SHARE = 0.8;
const BUSY_WINDOW_MS = 100;
/** A stack that could not be taken is tried for again, but not for ever. */
const MOST_FAILURES = 3;

export interface BlockedLoopWatch extends Disposable {
  /** Resolves when it does not inspect the target at this moment. */
  settled(): Promise<void>;
  /** What the stack says, null when none was taken. */
  diagnosis(): Diagnosis | null;
}

export function watchForBlockedLoop(recorder: Recorder, pidNow: () => number): BlockedLoopWatch {
  let stack: EventOf<'blocked-stack'> | null = null;
  let inspecting = false;
  let failures = 0;
  let sinceMs = 0;
  let lastAnswerMs = 0;
  let running: Promise<void> = Promise.resolve();
  const onEvent = (event: HistoryEvent): void => {
    // A diagnosis freezes the target too: what is late for that is no sign.
    if (event.kind === 'look') {
      sinceMs = event.event === 'begun' ? Number.POSITIVE_INFINITY : event.t;
    }
    if (event.kind === 'blocked-stack') stack ??= event;
    if (event.kind === 'health' && event.answered) lastAnswerMs = event.t;
    const isOver = stack !== null || inspecting || failures >= MOST_FAILURES;
    if (isOver || !isSuspicious(event) || event.intendedT < sinceMs) return;
    inspecting = true;
    running = takeStack(pidNow(), event).finally(() => {
      inspecting = false;
    });
  };
  const listening = recorder.onEvent(onEvent);

  async function takeStack(pid: number, { latencyMs }: EventOf<'health'>): Promise<void> {
    const askedMs = recorder.elapsedMs();
    try {
      if (!(await isBusy(pid))) return;
      await using inspector = await openInspector(pid, { timeoutMs: INSPECT_MS });
      const frames = await runningStack(inspector, INSPECT_MS);
      // A loop that has answered meanwhile is busy, or its health handler waits: it is not blocked.
      if (!frames || lastAnswerMs > askedMs) return;
      const shown = frames.map((frame) => ({ ...frame, file: displayPath(frame.file) }));
      recorder.record({
        kind: 'blocked-stack',
        probeAgeMs: Math.round(latencyMs),
        frames: shown,
      });
    } catch (error) {
      failures++;
      recorder.record({ kind: 'note', text: `no stack of the blocked loop: ${messageOf(error)}` });
    }
  }

  return {
    settled: () => running,
    diagnosis: () => (stack ? diagnosisOf(stack, pidNow()) : null),
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}

function isSuspicious(event: HistoryEvent): event is EventOf<'health'> {
  return (
    event.kind === 'health' &&
    !event.answered &&
    event.latencyMs >= SUSPICIOUS_MS &&
    event.controlMs < CONTROL_LATE_MS
  );
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

function diagnosisOf(
  { frames, probeAgeMs }: EventOf<'blocked-stack'>,
  pid: number,
): Diagnosis | null {
  const own = ownFrame(frames as Frame[]);
  if (!own) return null;
  const chain = (frames as Frame[]).toReversed();
  return {
    schema: 'hanglab.diagnose/1',
    pid,
    code: 'event-loop-blocked',
    sentence: `The event loop was blocked: JavaScript ran at ${frameLabel(own)} while a health probe waited.`,
    where: [{ ...own, count: 1, ageMs: null, chain, waitsFor: '', locals: [] }],
    holder: null,
    evidence: [
      `a health probe had waited ${formatMs(probeAgeMs)}, and the control server was on time`,
      'the stack was taken at that moment, during the run',
    ],
    ruledOut: [],
    decided: true,
    costMs: { frozen: 0, total: 0 },
  };
}
