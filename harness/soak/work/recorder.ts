/**
 * The history of a soak is not kept: it would fill any disk. Whoever listens gets each event, and the last ones
 * stay in memory, to be written where something went wrong.
 */
import { writeFileSync } from 'node:fs';
import type { HistoryEvent } from '../../history/events.ts';
import type { Recorder } from '../../history/recorder.ts';
import { redactEvent } from '../../history/redact-event.ts';
import { monotonicMs } from '../../platform/clock.ts';

export interface SoakRecorder extends Recorder {
  /** Writes the last events to its file, as a history. */
  writeLast(): void;
}

const MOST_KEPT = 5_000;

export function soakRecorder(file: string): SoakRecorder {
  const startedAtMs = monotonicMs();
  const listeners = new Set<(event: HistoryEvent) => void>();
  let kept: HistoryEvent[] = [];
  return {
    startedAtMs,
    file,
    elapsedMs: () => monotonicMs() - startedAtMs,
    record(body, atMs = monotonicMs()) {
      const t = Math.max(0, Math.round((atMs - startedAtMs) * 100) / 100);
      const event = { t, ...body } as HistoryEvent;
      kept.push(event);
      if (kept.length >= 2 * MOST_KEPT) kept = kept.slice(-MOST_KEPT);
      for (const listener of listeners) listener(event);
    },
    onEvent(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    writeError: () => null,
    writeLast() {
      const lines = kept.slice(-MOST_KEPT).toSorted((a, b) => a.t - b.t);
      const text = lines.map((event) => `${JSON.stringify(redactEvent(event))}\n`).join('');
      writeFileSync(file, text, { mode: 0o600 });
    },
    async [Symbol.asyncDispose]() {},
  };
}
