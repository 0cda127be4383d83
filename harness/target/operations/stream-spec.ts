/** How an operation's answer comes in pieces, and how its right end is told from a cut. */

export const STREAM_FORMATS = ['sse', 'ndjson', 'websocket'] as const;
export type StreamFormat = (typeof STREAM_FORMATS)[number];

/** One event of a stream, as its format has it. */
export interface StreamEvent {
  /** Of server-sent events their own name; of JSON its `event` or `type`; empty where there is none. */
  event: string;
  data: string;
}

export interface StreamSpec {
  readonly format: StreamFormat;
  /** Whether this event is the right end: what closes without one was cut. null: any close is an end. */
  readonly ends: ((event: StreamEvent) => boolean) | null;
  /** Whether this event says that the server has failed: an answer, and no success. */
  readonly failed: (event: StreamEvent) => boolean;
  /** It goes on until its client leaves, like a feed of news. */
  readonly endless: boolean;
}

/** What most servers send when they fail in the middle of a stream: an event `error`, or JSON with an `error`. */
export function saysError({ event, data }: StreamEvent): boolean {
  if (event === 'error') return true;
  if (!data.startsWith('{') || !data.includes('"error"')) return false;
  const { error } = objectIn(data);
  return error !== undefined && error !== null && error !== false;
}

/** The members of a JSON object; of anything else none. */
export function objectIn(data: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(data);
    return json !== null && typeof json === 'object' ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
