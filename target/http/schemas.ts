/** Pieces of the description of the interface that several routes share. */

export const errorSchema = {
  $id: 'Error',
  description: 'Any failure: a stable code, and a sentence for a person',
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: { code: { type: 'string' }, message: { type: 'string' } },
    },
  },
} as const;

const MEANINGS = {
  400: 'The request is malformed, or does not fit its schema',
  404: 'There is no such thing',
  405: 'The path is known, the method is not',
  408: 'The request did not arrive within the limit of a request',
  409: 'Something else is going on with it',
  413: 'Too large',
  415: 'Not a media type, or not a text, that this server reads',
  431: 'The headers are too large',
  500: 'The server failed; its log says why',
  502: 'The model failed',
  503: 'The server is full, going away, or short of a resource: try again after Retry-After',
  504: 'No answer could be had within the limit of a request',
} as const;

type Failure = keyof typeof MEANINGS;

/** What any request can meet. */
const ALWAYS = [400, 408, 431, 500, 503] as const;
/** What a request with a body can meet besides. */
export const BODY_FAILURES = [413, 415] as const;

/** The `response` part of a route's schema: `described` ones, and the failures that it can have. */
export function answers(
  described: Record<number, object>,
  ...failures: readonly Failure[]
): Record<number, object> {
  const all = [...new Set([...ALWAYS, ...failures])].sort();
  return { ...Object.fromEntries(all.map((status) => [status, failure(status)])), ...described };
}

function failure(status: Failure): object {
  const content = { 'application/json': { schema: { $ref: 'Error#' } } };
  const retry = { 'retry-after': { type: 'string', description: 'in seconds' } };
  const headers = status === 503 ? { headers: retry } : {};
  return { description: MEANINGS[status], ...headers, content };
}

/** An answer in JSON. */
export function json(description: string, schema: object, headers?: object): object {
  return {
    description,
    ...(headers ? { headers } : {}),
    content: { 'application/json': { schema } },
  };
}

/** An object whose properties are all there. */
export function object(properties: Record<string, object>): object {
  return { type: 'object', required: Object.keys(properties), properties };
}

export const array = (items: object): object => ({ type: 'array', items });
export const orNull = (type: string): object => ({ type: [type, 'null'] });
export const text = { type: 'string' } as const;
export const number = { type: 'number' } as const;
export const integer = { type: 'integer', minimum: 0 } as const;
export const oneOf = (values: readonly string[]): object => ({ type: 'string', enum: values });

/** How often each of `names` occurs. */
export const countsOf = (names: readonly string[]): object =>
  object(Object.fromEntries(names.map((name) => [name, integer])));

/** `limit` and `cursor` of a listing. */
export const page = (most: number) => ({
  limit: { type: 'integer', minimum: 1, maximum: most, default: Math.min(50, most) },
  cursor: {
    type: 'string',
    pattern: '^\\d{1,15}$',
    description: '`nextCursor` of the page before',
  },
});
