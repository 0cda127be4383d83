/** `/v1/responses`: made, had again by their id, and continued. */
import { jsonAnswer } from '../../answers/answer.ts';
import { type Completion, complete, idOf } from '../../answers/completion.ts';
import { lastTextOf, type Turn, textOf } from '../../answers/prompt.ts';
import { refused } from '../check.ts';
import type { Endpoint } from '../endpoint.ts';
import { openai } from './errors.ts';
import { listQuestion } from './models.ts';
import { responseOf } from './response-object.ts';
import { readResponses } from './responses-request.ts';
import { responseStream } from './responses-stream.ts';

/** Only the latest are kept: a server under load would fill the memory otherwise. */
const KEPT_RESPONSES = 1000;

interface Stored {
  response: object;
  /** The conversation up to its answer, for `previous_response_id`. */
  turns: Turn[];
}

/** The routes of one server, which keeps the responses that it has given. */
export function responsesEndpoints(): Record<'create' | 'retrieve' | 'remove', Endpoint> {
  const stored = new Map<string, Stored>();
  const keep = (id: string, entry: Stored): void => {
    stored.set(id, entry);
    for (const oldest of stored.keys()) {
      if (stored.size <= KEPT_RESPONSES) break;
      stored.delete(oldest);
    }
  };
  const shared = { route: 'responses', operation: 'chat', provider: openai } as const;
  const notFound = (id: string) =>
    refused({ message: `Response with id '${id}' not found.`, param: null, code: null }, 404);

  return {
    create: {
      ...shared,
      method: 'POST',
      read(body) {
        const checked = readResponses(body, (id) => stored.get(id)?.turns);
        if (!checked.ok) return checked;
        const request = checked.value;
        const { prompt } = request;
        return {
          ok: true,
          value: {
            model: prompt.model,
            subject: prompt.subject,
            text: textOf(prompt),
            lastText: lastTextOf(prompt),
            streamed: request.body.stream === true,
            answer(script, seed) {
              const [completion] = complete(prompt, script, seed) as [Completion];
              const response = responseOf(request, completion, idOf(prompt, `${seed}`));
              if (request.body.store !== false) {
                const said: Turn = { role: 'assistant', text: completion.text.join(''), media: [] };
                keep(response.id, { response, turns: [...prompt.turns, said] });
              }
              if (!request.body.stream) return jsonAnswer(200, response, completion.tokens);
              return responseStream(request, completion, response, script.tokensPerEvent);
            },
          },
        };
      },
    },
    retrieve: {
      ...shared,
      method: 'GET',
      read(_body, { names: { id = '' } }) {
        const entry = stored.get(id);
        if (!entry) return notFound(id);
        return { ok: true, value: listQuestion(id, () => jsonAnswer(200, entry.response)) };
      },
    },
    remove: {
      ...shared,
      method: 'DELETE',
      read(_body, { names: { id = '' } }) {
        if (!stored.delete(id)) return notFound(id);
        const gone = { id, object: 'response', deleted: true };
        return { ok: true, value: listQuestion(id, () => jsonAnswer(200, gone)) };
      },
    },
  };
}
