/**
 * Writes the history of a live run: in memory for the checks, and line by line to `history.ndjson`, so
 * that a crash loses no evidence.
 */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { monotonicMs } from '../platform/clock.ts';
import { type EventBody, type History, type HistoryEvent, historyOf } from './history.ts';

export interface Recorder extends AsyncDisposable {
  /** Instant zero of the run, on the machine's monotonic clock. */
  readonly startedAtMs: number;
  /** Appends an event that happened now, or at `atMs` of the monotonic clock. */
  record(body: EventBody, atMs?: number): void;
  /** Milliseconds since the run began. */
  elapsedMs(): number;
  /** Everything so far. `complete` once the run is over. */
  history(complete?: boolean): History;
  /** Calls `listener` with each event from now on. */
  onEvent(listener: (event: HistoryEvent) => void): void;
}

export function openRecorder(file: string): Recorder {
  const startedAtMs = monotonicMs();
  const events: HistoryEvent[] = [];
  const listeners: ((event: HistoryEvent) => void)[] = [];
  const stream = createWriteStream(file, { flags: 'a' });
  // A full disk must not end the run: the verdict still stands, and the report says what is missing.
  let writable = true;
  stream.on('error', () => {
    writable = false;
  });
  return {
    startedAtMs,
    record(body, atMs = monotonicMs()) {
      const event = { t: Math.round((atMs - startedAtMs) * 100) / 100, ...body } as HistoryEvent;
      events.push(event);
      if (writable) stream.write(`${JSON.stringify(event)}\n`);
      for (const listener of listeners) listener(event);
    },
    elapsedMs: () => monotonicMs() - startedAtMs,
    history: (complete = false) => historyOf(events, monotonicMs() - startedAtMs, complete),
    onEvent: (listener) => listeners.push(listener),
    async [Symbol.asyncDispose]() {
      stream.end();
      if (writable) await finished(stream).catch(() => {});
    },
  };
}
