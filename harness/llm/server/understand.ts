/** From a request's bytes to a question, or to the error that its provider would answer. */
import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../platform/errors.ts';
import { type ApiError, bodyAnswer } from '../answers/answer.ts';
import type { Operation, Provider, Question, RouteName } from '../protocols/endpoint.ts';
import { openai } from '../protocols/openai/errors.ts';
import { listQuestion } from '../protocols/openai/models.ts';
import type { Router } from '../protocols/router.ts';
import type { Asked } from '../rules/rule-book.ts';

export interface Incoming {
  request: IncomingMessage;
  method: string;
  path: string;
  /** Null when it was too large to read. */
  body: Buffer | null;
  requestId: string;
  /** What a client has to know, if anything. */
  apiKey: string | undefined;
}

export interface Understood {
  asked: Omit<Asked, 'upstream'>;
  provider: Provider;
  question: Question;
  /** Whether rules apply: not to a request that the provider refuses in any case. */
  isScripted: boolean;
}

export function understand(incoming: Incoming, router: Router): Understood {
  const { request, method, path, body } = incoming;
  const found = router(method, path, request.headers);
  const about = (
    route: RouteName,
    operation: Operation,
    provider: Provider,
    question: Question,
    isScripted: boolean,
  ): Understood => {
    const { model, streamed, subject, text, lastText, answersTool = false } = question;
    const asked = { operation, route, path, model, streamed, subject, text, lastText, answersTool };
    return { asked, provider, question, isScripted };
  };
  const refusal = (provider: Provider, status: number, error: ApiError): Question =>
    listQuestion('', () => provider.error(status, error, incoming.requestId));

  if (found.kind !== 'endpoint') {
    if (path === '/' && (method === 'GET' || method === 'HEAD')) {
      const greeting = listQuestion('', () =>
        bodyAnswer(200, 'text/plain', "hanglab's scripted model is running\n"),
      );
      return about('other', 'other', openai, greeting, false);
    }
    const { provider } = found;
    const question =
      found.kind === 'wrong-method'
        ? refusal(provider, 405, {
            message: `Not allowed to ${method} on ${path}; ${found.allowed.join(' and ')} is.`,
            code: 'method_not_supported',
          })
        : refusal(provider, 404, {
            message: `Unknown request URL: ${method} ${path}.`,
            code: 'unknown_url',
          });
    return about('other', 'other', provider, question, true);
  }

  const { endpoint, names } = found;
  const { route, operation, provider } = endpoint;
  const refuse = (status: number, error: ApiError): Understood =>
    about(route, operation, provider, refusal(provider, status, error), false);
  if (incoming.apiKey !== undefined && keyOf(request) !== incoming.apiKey) {
    return refuse(401, { message: 'Incorrect API key provided.' });
  }
  if (body === null) {
    return refuse(413, { message: 'The request is too large.', code: 'too_large' });
  }
  let json: unknown = null;
  if (endpoint.method === 'POST') {
    try {
      json = JSON.parse(body.toString());
    } catch (error) {
      const message = `We could not parse the JSON body of your request: ${messageOf(error)}`;
      return refuse(400, { message });
    }
  }
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
  const checked = endpoint.read(json, { method, path, names, query, headers: request.headers });
  if (!checked.ok) return refuse(checked.status ?? 400, checked.error);
  return about(route, operation, provider, checked.value, true);
}

function keyOf({ headers }: IncomingMessage): string | undefined {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  const [key] = [
    bearer ?? headers['x-api-key'] ?? headers['api-key'] ?? headers['x-goog-api-key'],
  ].flat();
  return key;
}
