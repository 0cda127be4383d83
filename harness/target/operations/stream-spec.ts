/** How an operation's answer comes in pieces, and how its right end is told from a cut. */

export const STREAM_FORMATS = ['sse', 'ndjson', 'websocket'] as const;
export type StreamFormat = (typeof STREAM_FORMATS)[number];

/** One event of a stream, as its format has it. */
export interface StreamEvent {
  /** The event's name; empty where the format has none. */
  event: string;
  data: string;
}

export interface StreamSpec {
  readonly format: StreamFormat;
  /** Whether this event is the right end: what closes without one was cut. null: any close is an end. */
  readonly ends: ((event: StreamEvent) => boolean) | null;
  /** Whether this event says that the server has failed: an answer, and no success. */
  readonly failed: (event: StreamEvent) => boolean;
}
