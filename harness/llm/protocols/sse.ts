/** Server-sent events: the framing that most of the protocols stream in. */
import type { Answer, ApiError, Segment } from '../answers/answer.ts';

export const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
};

export const SSE_COMMENT = ': keep-alive\n\n';

/** An event of `data`, JSON as a rule; with a name where the protocol gives it one. */
export function sse(data: object | string, name?: string): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return name === undefined ? `data: ${text}\n\n` : `event: ${name}\ndata: ${text}\n\n`;
}

/** Encodes the same event around a text that changes: long answers are made of thousands. */
export function eventTemplate(make: (text: string) => string): (text: string) => string {
  const mark = '\0';
  const [before = '', after = ''] = make(mark).split(JSON.stringify(mark));
  return (text) => before + JSON.stringify(text) + after;
}

export function sseAnswer(options: {
  pieces: Segment;
  completionTokens: number;
  /** An event that adds nothing to the answer. */
  emptyDelta: string;
  error: (error: ApiError) => string;
  comment?: string;
}): Answer {
  const { pieces, completionTokens, emptyDelta, error, comment = SSE_COMMENT } = options;
  // Cut in the middle of its JSON, but with the empty line that ends an event.
  const brokenEvent = `${emptyDelta.trimEnd().slice(0, -(emptyDelta.length >> 2))}\n\n`;
  return {
    status: 200,
    headers: SSE_HEADERS,
    pieces,
    completionTokens,
    streamed: true,
    interjections: { comment, 'empty-delta': emptyDelta, brokenEvent, error },
  };
}
