/** What the server knows of a protocol: its routes, how each reads a request, and its form of an error. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Answer, ApiError } from '../answers/answer.ts';
import type { Script } from '../answers/completion.ts';
import type { Checked } from './check.ts';

/**
 * What kind of work is asked for, in whichever protocol. `chat` is all that generates text, `other` is
 * what no protocol here has.
 */
export const OPERATIONS = ['chat', 'embeddings', 'rerank', 'tokens', 'models', 'other'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Each family of routes, across base URLs. */
export const ROUTES = [
  'chat-completions',
  'completions',
  'responses',
  'messages',
  'ollama-chat',
  'ollama-generate',
  'embeddings',
  'ollama-embeddings',
  'rerank',
  'count-tokens',
  'models',
  'ollama-models',
  'other',
] as const;
export type RouteName = (typeof ROUTES)[number];

export interface HttpCall {
  method: string;
  /** Without the query, as it was sent. */
  path: string;
  /** Names from the path: `deployment`, `id`. */
  names: Record<string, string>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

/** A request that has been understood. */
export interface Question {
  model: string | null;
  subject: string | null;
  /** All of its own text, and that of its last turn. */
  text: string;
  lastText: string;
  /** Its last turn is the result of a tool: the client has carried out a call of the answer before. */
  answersTool?: boolean;
  streamed: boolean;
  /** @throws SchemaError when a schema in the request cannot be satisfied: then it is answered 400. */
  answer(script: Script, seed: number): Answer;
}

/** Who speaks: the form of its errors. */
export interface Provider {
  error(status: number, error: ApiError, requestId: string): Answer;
  /** The header that carries a request's id. */
  requestIdHeader: string;
  /** What a schema that cannot be satisfied is answered. */
  schemaError(message: string): ApiError;
}

export interface Endpoint {
  route: RouteName;
  operation: Operation;
  method: 'GET' | 'POST' | 'DELETE';
  provider: Provider;
  /** `body` is null for what has none. */
  read(body: unknown, call: HttpCall): Checked<Question>;
}
