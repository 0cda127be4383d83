/** An answer before it is sent: a status, headers, and a body in pieces that are made when they are due. */

/** Pieces of one kind, each made only when it is sent: of a long answer most are never held at once. */
export interface Segment {
  readonly length: number;
  /** The tokens in the `index`-th piece, as "after N tokens" counts them; 0 for what is only framing. */
  tokens(index: number): number;
  at(index: number): string | Uint8Array;
}

/** What may be put into the middle of an answer, in the form that its protocol has for it. */
export interface Interjections {
  /** Signs of life without content; may be sent again and again. */
  comment: string;
  'empty-delta': string;
  /** An event whose JSON is cut. Null where the body is no stream. */
  brokenEvent: string | null;
  /** The provider says that it has failed. Null where the body is no stream. */
  error: ((error: ApiError) => string) | null;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  pieces: Segment;
  /** Tokens that the model "generated" for it. */
  completionTokens: number;
  /** A stream of events, paced token by token; else one body, sent when it is complete. */
  streamed: boolean;
  interjections: Interjections;
  /** Of a recording: when each piece is due, in milliseconds since the request; replaces the pace. */
  dueMs?: readonly number[];
}

/** An error of the API; each provider has its own form for it. */
export interface ApiError {
  message: string;
  /** Follows the status when it is not given. */
  type?: string;
  param?: string | null;
  code?: string | null;
}

/**
 * A body that is not a stream has no tokens on the wire: there a behaviour's N counts pieces of this
 * many bytes.
 */
export const BODY_PIECE_BYTES = 64;

/** White space is the one sign of life that JSON allows. */
const BLANK: Interjections = { comment: '\n', 'empty-delta': '\n', brokenEvent: null, error: null };

/** The answer whose body is `body` as JSON. */
export function jsonAnswer(status: number, body: unknown, completionTokens = 0): Answer {
  return bodyAnswer(status, 'application/json', JSON.stringify(body), completionTokens);
}

export function bodyAnswer(
  status: number,
  contentType: string,
  body: string | Uint8Array,
  completionTokens = 0,
): Answer {
  const bytes = Buffer.from(body);
  return {
    status,
    headers: { 'content-type': contentType },
    pieces: {
      length: Math.ceil(bytes.length / BODY_PIECE_BYTES),
      tokens: () => 1,
      at: (i) => bytes.subarray(i * BODY_PIECE_BYTES, (i + 1) * BODY_PIECE_BYTES),
    },
    completionTokens,
    streamed: false,
    interjections: BLANK,
  };
}

/** Pieces that are there already and carry no tokens. */
export function framing(...pieces: string[]): Segment {
  return { length: pieces.length, tokens: () => 0, at: (i) => pieces[i] as string };
}

/** A piece for each of `items`, made by `encode`; `tokens` says how many tokens an item has, 1 when absent. */
export function encoded<T>(
  items: readonly T[],
  encode: (item: T) => string,
  tokens: (item: T) => number = () => 1,
): Segment {
  return {
    length: items.length,
    tokens: (i) => tokens(items[i] as T),
    at: (i) => encode(items[i] as T),
  };
}

/** The pieces of `segments`, one after the other. */
export function joined(segments: readonly Segment[]): Segment {
  const starts: number[] = [];
  let length = 0;
  for (const segment of segments) {
    starts.push(length);
    length += segment.length;
  }
  // Pieces are asked for in order: the segment of the last one is nearly always that of the next.
  let current = 0;
  const find = (index: number): [Segment, number] => {
    if (index < (starts[current] as number)) current = 0;
    while (index >= (starts[current] as number) + (segments[current] as Segment).length) current++;
    return [segments[current] as Segment, index - (starts[current] as number)];
  };
  return {
    length,
    tokens(index) {
      const [segment, at] = find(index);
      return segment.tokens(at);
    },
    at(index) {
      const [segment, at] = find(index);
      return segment.at(at);
    },
  };
}
