/** An answer before it is sent: a status, headers and a body in countable pieces. */

export interface Piece {
  bytes: Buffer;
  /** Whether this piece counts where a behaviour says "after N tokens". */
  counts: boolean;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  pieces: readonly Piece[];
  /** Tokens that the model "generated" for it; of a streamed answer, one for each counting piece. */
  completionTokens: number;
  /** A stream of server-sent events, paced token by token; else one body, sent when it is complete. */
  streamed: boolean;
  /** What may be sent again and again in its middle without adding to it. */
  heartbeats: Record<'comment' | 'empty-delta', Buffer>;
}

/** White space is the one sign of life that JSON allows. */
const BLANK = Buffer.from('\n');

/**
 * A body that is not a stream has no tokens on the wire: there a behaviour's N counts pieces of this
 * many bytes.
 */
export const BODY_PIECE_BYTES = 64;

/** The answer whose body is `body` as JSON. */
export function jsonAnswer(status: number, body: unknown, completionTokens = 0): Answer {
  return bodyAnswer(status, 'application/json', JSON.stringify(body), completionTokens);
}

export function bodyAnswer(
  status: number,
  contentType: string,
  body: string,
  completionTokens = 0,
): Answer {
  const bytes = Buffer.from(body);
  const pieces: Piece[] = [];
  for (let from = 0; from < bytes.length; from += BODY_PIECE_BYTES) {
    pieces.push({ bytes: bytes.subarray(from, from + BODY_PIECE_BYTES), counts: true });
  }
  return {
    status,
    headers: { 'content-type': contentType },
    pieces,
    completionTokens,
    streamed: false,
    heartbeats: { comment: BLANK, 'empty-delta': BLANK },
  };
}

/** What OpenAI's API says of an error; `type` follows the status when it is not given. */
export interface ApiError {
  message: string;
  type?: string;
  param?: string | null;
  code?: string | null;
}

export function errorAnswer(status: number, error: ApiError): Answer {
  const { message, type = typeOf(status), param = null, code = null } = error;
  return jsonAnswer(status, { error: { message, type, param, code } });
}

function typeOf(status: number): string {
  if (status === 429) return 'requests';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
