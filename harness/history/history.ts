/** A history that is over: of a run's file, or made by hand in a test. Checks judge it by folding over its events. */
import { createReadStream } from 'node:fs';
import type { EventKind, EventOf, HistoryEvent } from './events.ts';

export interface History {
  readonly events: readonly HistoryEvent[];
  /** Milliseconds since the run began: ages of what has not ended are counted up to here. */
  readonly untilMs: number;
  /** The run is over: what has not ended by now never will. */
  readonly complete: boolean;
  of<K extends EventKind>(kind: K): readonly EventOf<K>[];
}

/** A history of `events`, in the order of time, watched until `untilMs`. */
export function historyOf(
  events: readonly HistoryEvent[],
  untilMs: number,
  complete = true,
): History {
  return {
    events,
    untilMs,
    complete,
    of: <K extends EventKind>(kind: K) =>
      events.filter((event): event is EventOf<K> & HistoryEvent => event.kind === kind),
  };
}

/**
 * Reads `history.ndjson`, one event at a time. A last line that a crash has cut off is left out.
 * @throws when the file cannot be read, or a line in its middle is not an event.
 */
export async function* readEvents(file: string): AsyncGenerator<HistoryEvent> {
  let broken: string | null = null;
  let number = 0;
  for await (const line of linesOf(file)) {
    number++;
    if (broken !== null) throw new Error(`${file}:${number - 1} is not an event: ${broken}`);
    try {
      yield JSON.parse(line) as HistoryEvent;
    } catch {
      broken = line.slice(0, 80);
    }
  }
}

/** Lines end with LF only: readline ends them at U+2028 too, which may stand in any text of the target. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** The whole of a finished run's file. */
export async function readHistory(file: string): Promise<History> {
  const events: HistoryEvent[] = [];
  for await (const event of readEvents(file)) events.push(event);
  return historyOf(events, events.at(-1)?.t ?? 0);
}
