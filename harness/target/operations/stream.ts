/** Reads an answer that comes in pieces: its events, its silences, and whether it ended rightly. */
import { monotonicMs } from '../../platform/clock.ts';
import { streamParser } from './stream-parser.ts';
import type { StreamSpec } from './stream-spec.ts';

/** Times are those of `monotonicMs()`. Only events count: a comment is a sign of life, and no answer. */
export interface StreamCourse {
  bytes: number;
  events: number;
  firstEventAtMs: number | null;
  lastEventAtMs: number | null;
  /** The longest time between two events; null with fewer than two. */
  longestGap: { fromMs: number; ms: number } | null;
}

export interface StreamReading {
  /** `cut`: it closed without its right end. */
  ended: 'right' | 'failed' | 'cut';
  course: StreamCourse;
}

export interface StreamReader {
  readonly course: StreamCourse;
  /**
   * Reads `body` to its end; of a WebSocket up to the event that ends it, since its close is the client's.
   * Rejects when the connection breaks, or whoever reads gives up.
   */
  read(body: AsyncIterable<Uint8Array | string>): Promise<StreamReading['ended']>;
}

/** @param onProgress told at the first event, and from then on every `tellEveryMs` while some come. */
export function streamReader(
  spec: StreamSpec,
  tellEveryMs: number,
  onProgress: (course: StreamCourse & { lastEventAtMs: number }) => void,
): StreamReader {
  const course: StreamCourse = {
    bytes: 0,
    events: 0,
    firstEventAtMs: null,
    lastEventAtMs: null,
    longestGap: null,
  };
  let ended: StreamReading['ended'] | null = null;
  const feed = streamParser(spec.format, (event) => {
    const nowMs = monotonicMs();
    const { lastEventAtMs, longestGap } = course;
    course.events++;
    course.firstEventAtMs ??= nowMs;
    if (lastEventAtMs !== null && nowMs - lastEventAtMs > (longestGap?.ms ?? 0)) {
      course.longestGap = { fromMs: lastEventAtMs, ms: nowMs - lastEventAtMs };
    }
    course.lastEventAtMs = nowMs;
    if (spec.failed(event)) ended = 'failed';
    else if (spec.ends?.(event)) ended ??= 'right';
  });
  return {
    course,
    async read(body) {
      let toldMs = Number.NEGATIVE_INFINITY;
      for await (const piece of body) {
        course.bytes += piece.length;
        feed(piece);
        const { lastEventAtMs } = course;
        if (lastEventAtMs !== null && lastEventAtMs - toldMs >= tellEveryMs) {
          toldMs = lastEventAtMs;
          onProgress({ ...course, lastEventAtMs });
        }
        if (ended !== null && spec.format === 'websocket') break;
      }
      return ended ?? (spec.ends === null ? 'right' : 'cut');
    },
  };
}
