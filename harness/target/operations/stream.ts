/** Reads an answer that comes in pieces: its events, its silences, and whether it ended rightly. */
import { createParser } from 'eventsource-parser';
import { monotonicMs } from '../../platform/clock.ts';
import type { StreamEvent, StreamSpec } from './stream-spec.ts';

export interface StreamResult {
  /** `cut`: it closed without its right end. */
  ended: 'right' | 'failed' | 'cut';
  stream: { bytes: number; events: number; firstByteMs: number | null; longestGapMs: number };
}

const TELL_EVERY_MS = 1000;
/** A line that never ends is not an event. */
const MAX_LINE_CHARACTERS = 1_000_000;

/**
 * Reads `body` to its end.
 * @param onProgress told once a second, and at the first event.
 * @returns `cut` too when the connection breaks. Rejects when whoever reads gives up.
 */
export async function readStream(
  body: AsyncIterable<Uint8Array>,
  spec: StreamSpec,
  onProgress: (bytes: number, events: number, lastMs: number) => void,
): Promise<StreamResult> {
  const startMs = monotonicMs();
  let ended: StreamResult['ended'] | null = null;
  let bytes = 0;
  let events = 0;
  let firstByteMs: number | null = null;
  let lastMs = startMs;
  let toldMs = Number.NEGATIVE_INFINITY;
  let longestGapMs = 0;
  const onEvent = (event: StreamEvent): void => {
    events++;
    if (spec.failed(event)) ended = 'failed';
    else if (spec.ends?.(event)) ended ??= 'right';
  };
  const feed = readerOf(spec.format, onEvent);
  for await (const chunk of body) {
    const nowMs = monotonicMs();
    if (firstByteMs === null) firstByteMs = nowMs - startMs;
    else longestGapMs = Math.max(longestGapMs, nowMs - lastMs);
    lastMs = nowMs;
    bytes += chunk.byteLength;
    feed(chunk);
    if (nowMs - toldMs < TELL_EVERY_MS) continue;
    toldMs = nowMs;
    onProgress(bytes, events, lastMs);
  }
  const stream = {
    bytes,
    events,
    firstByteMs: firstByteMs === null ? null : Math.round(firstByteMs * 10) / 10,
    longestGapMs: Math.round(longestGapMs * 10) / 10,
  };
  return { ended: ended ?? (spec.ends === null ? 'right' : 'cut'), stream };
}

function readerOf(
  format: StreamSpec['format'],
  onEvent: (event: StreamEvent) => void,
): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder();
  if (format === 'sse') {
    const parser = createParser({
      onEvent: ({ event = '', data }) => onEvent({ event, data }),
    });
    return (chunk) => parser.feed(decoder.decode(chunk, { stream: true }));
  }
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(-MAX_LINE_CHARACTERS);
    for (const line of lines) if (line.trim() !== '') onEvent({ event: '', data: line.trim() });
  };
}
