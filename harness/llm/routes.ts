/** From method, path and body to what is asked and how it is answered, OpenAI's errors included. */
import { messageOf } from '../platform/errors.ts';
import { type Answer, type ApiError, errorAnswer } from './answer.ts';
import { answerChat, askedByChat, readChat } from './chat.ts';
import { answerEmbeddings, askedByEmbeddings, readEmbeddings } from './embeddings.ts';
import { answerModel, answerModels } from './models.ts';
import type { Checked } from './request.ts';
import type { Asked } from './rules.ts';

export interface Route {
  asked: Asked;
  /** Whether rules apply: not to a request that the API refuses in any case. */
  scripted: boolean;
  answer(seed: number, offSchema: boolean): Answer;
}

/** Null when there is nothing at `path`; `body` is null when it was too large to read. */
export function routeOf(method: string, path: string, body: Buffer | null): Route | null {
  if (path === '/v1/chat/completions') {
    return posted('chat', method, path, body, readChat, (request) => ({
      asked: askedByChat(request),
      scripted: true,
      answer: (seed, offSchema) => answerChat(request, seed, offSchema),
    }));
  }
  if (path === '/v1/embeddings') {
    return posted('embeddings', method, path, body, readEmbeddings, (request) => ({
      asked: askedByEmbeddings(request),
      scripted: true,
      answer: (_seed, offSchema) => answerEmbeddings(request, offSchema),
    }));
  }
  if (path === '/v1/models' || path.startsWith('/v1/models/')) {
    if (method !== 'GET') return refused('models', 405, notAllowed(method, path, 'GET'));
    const id = path.slice('/v1/models/'.length);
    return {
      asked: { operation: 'models', subject: null, text: id },
      scripted: true,
      answer: (_seed, offSchema) => (id === '' ? answerModels(offSchema) : answerModel(decode(id))),
    };
  }
  return null;
}

function posted<T>(
  operation: Asked['operation'],
  method: string,
  path: string,
  body: Buffer | null,
  read: (body: unknown) => Checked<T>,
  route: (request: T) => Route,
): Route {
  if (method !== 'POST') return refused(operation, 405, notAllowed(method, path, 'POST'));
  if (body === null) {
    return refused(operation, 413, { message: 'The request is too large.', code: 'too_large' });
  }
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch (error) {
    const message = `We could not parse the JSON body of your request: ${messageOf(error)}`;
    return refused(operation, 400, { message });
  }
  const request = read(json);
  return request.ok ? route(request.value) : refused(operation, 400, request.error);
}

function refused(operation: Asked['operation'], status: number, error: ApiError): Route {
  return {
    asked: { operation, subject: null, text: '' },
    scripted: false,
    answer: () => errorAnswer(status, error),
  };
}

function notAllowed(method: string, path: string, allowed: string): ApiError {
  const message = `Not allowed to ${method} on ${path}; ${allowed} is.`;
  return { message, code: 'method_not_supported' };
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
