/** `/v1/responses`: made, had again by their id, and continued. */
import { jsonAnswer } from '../../answers/answer.ts';
import { type Completion, complete, idOf } from '../../answers/completion.ts';
import { lastTextOf, type Turn, textOf } from '../../answers/prompt.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import { refused } from '../check.ts';
import type { Endpoint } from '../endpoint.ts';
import { CREATED_S } from './chat.ts';
import { openai } from './errors.ts';
import { logprobOf } from './logprobs.ts';
import { listQuestion } from './models.ts';
import { type ResponsesRequest, readResponses } from './responses-request.ts';
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

/** One item of a response's output, as it is when it is complete. */
export type OutputItem =
  | {
      id: string;
      type: 'message';
      status: string;
      role: 'assistant';
      content: { type: 'output_text'; text: string; annotations: []; logprobs: object[] }[];
    }
  | {
      id: string;
      type: 'function_call';
      status: string;
      call_id: string;
      name: string;
      arguments: string;
    };

export type ResponseObject = ReturnType<typeof responseOf>;

function responseOf({ body, prompt, logprobs }: ResponsesRequest, said: Completion, hash: string) {
  const incomplete = said.finish === 'length';
  const status = incomplete ? 'incomplete' : 'completed';
  const inputTokens = tokensOf(textOf(prompt)).length;
  const text = said.text.join('');
  const output: OutputItem[] =
    said.toolCalls.length > 0
      ? said.toolCalls.map((call) => ({
          id: `fc_${call.id}`,
          type: 'function_call',
          status,
          call_id: `call_${call.id}`,
          name: call.name,
          arguments: call.arguments,
        }))
      : [
          {
            id: `msg_${hash}`,
            type: 'message',
            status,
            role: 'assistant',
            content: [
              {
                type: 'output_text',
                text,
                annotations: [],
                logprobs: logprobs === null ? [] : said.text.map((t) => logprobOf(t, logprobs)),
              },
            ],
          },
        ];
  return {
    id: `resp_${hash}`,
    object: 'response',
    created_at: CREATED_S,
    completed_at: incomplete ? null : CREATED_S,
    status,
    background: false,
    error: null,
    incomplete_details: incomplete ? { reason: 'max_output_tokens' } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    metadata: body.metadata ?? {},
    model: body.model,
    output,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: body.text?.format ?? { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage: {
      input_tokens: inputTokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: said.tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: inputTokens + said.tokens,
    },
    user: body.user ?? null,
  };
}
