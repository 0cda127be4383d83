/** Parts of the OpenAPI document that several routes share. */

export const errorSchema = {
  $id: 'Error',
  description: 'Any failure: a stable code, and a readable message',
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
  400: 'The request is malformed, or does not match its schema',
  404: 'Not found',
  408: 'The request did not arrive within its limit',
  413: 'Too large',
  415: 'The media type, or the content, is not supported',
  431: 'The headers are too large',
  500: 'The server failed; its log says why',
  502: 'The model failed',
  503: 'The server is overloaded, shutting down, or short of a resource: try again after Retry-After',
  504: 'There was no answer within the limit of the request',
} as const;

type Failure = keyof typeof MEANINGS;

/** Failures that any request can meet. */
const ALWAYS = [400, 408, 431, 500, 503] as const;
/** Further failures of a request with a body. */
export const BODY_FAILURES = [413, 415] as const;

/** The `response` part of a route's schema: the `described` answers, and possible failures. */
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

/** An object with all of `properties`. */
export function object(properties: Record<string, object>): object {
  return { type: 'object', required: Object.keys(properties), properties };
}

export const array = (items: object): object => ({ type: 'array', items });
export const orNull = (type: string): object => ({ type: [type, 'null'] });
export const text = { type: 'string' } as const;
export const number = { type: 'number' } as const;
export const integer = { type: 'integer', minimum: 0 } as const;
export const oneOf = (values: readonly string[]): object => ({ type: 'string', enum: values });

/** A count for each of `names`. */
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
