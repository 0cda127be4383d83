/**
 * Writes the history of a live run to `history.ndjson`, line by line, so that a crash loses no evidence,
 * and hands each event on. It keeps nothing: what a check needs it keeps itself, so a run may last days.
 *
 * Probes report from threads, up to a tenth of a second after what they saw. Events are therefore held
 * back for a moment and written in the order of time; whoever listens gets them at once.
 */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { monotonicMs } from '../platform/clock.ts';
import type { EventBody, HistoryEvent } from './events.ts';
import { redactEvent } from './redact-event.ts';

export interface Recorder extends AsyncDisposable {
  /** Instant zero of the run, on the machine's monotonic clock. */
  readonly startedAtMs: number;
  /** The file, while it is being written and afterwards. */
  readonly file: string;
  /** Appends an event that happened now, or at `atMs` of the monotonic clock. Secrets are redacted. */
  record(body: EventBody, atMs?: number): void;
  /** Milliseconds since the run began. */
  elapsedMs(): number;
  /** Calls `listener` with each event from now on, in the order of arrival, until it is disposed. */
  onEvent(listener: (event: HistoryEvent) => void): Disposable;
  /** Why the file is incomplete, null as long as it is not. */
  writeError(): string | null;
}

/** Reports of the probes' threads are at most 100 ms late on a machine that is not overloaded. */
const HELD_BACK_MS = 500;
const WRITE_EVERY_MS = 250;

export function openRecorder(file: string): Recorder {
  const startedAtMs = monotonicMs();
  const listeners = new Set<(event: HistoryEvent) => void>();
  const waiting: HistoryEvent[] = [];
  let writtenUntilMs = 0;
  let failure: string | null = null;
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  // A full disk must not end the run: the verdict still stands, and the report says what is missing.
  stream.on('error', (error) => {
    failure ??= error.message;
  });
  const elapsedMs = (): number => monotonicMs() - startedAtMs;
  const writeUntil = (untilMs: number): void => {
    const due = waiting.findIndex(({ t }) => t > untilMs);
    const lines = waiting.splice(0, due < 0 ? waiting.length : due);
    writtenUntilMs = Math.max(writtenUntilMs, lines.at(-1)?.t ?? 0);
    if (failure !== null || lines.length === 0) return;
    stream.write(lines.map((event) => `${JSON.stringify(event)}\n`).join(''));
  };
  const timer = setInterval(() => writeUntil(elapsedMs() - HELD_BACK_MS), WRITE_EVERY_MS);
  timer.unref();
  return {
    startedAtMs,
    file,
    elapsedMs,
    record(body, atMs = monotonicMs()) {
      const happenedMs = Math.round((atMs - startedAtMs) * 100) / 100;
      // Nothing happened before the run began, and nothing is written out of order.
      const t = Math.max(0, happenedMs, writtenUntilMs);
      const event = redactEvent({ t, ...body } as HistoryEvent);
      let at = waiting.length;
      while (at > 0 && (waiting[at - 1] as HistoryEvent).t > t) at--;
      waiting.splice(at, 0, event);
      for (const listener of listeners) listener(event);
    },
    onEvent(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    writeError: () => failure,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      writeUntil(Number.POSITIVE_INFINITY);
      stream.end();
      await finished(stream).catch((error: Error) => {
        failure ??= error.message;
      });
    },
  };
}
