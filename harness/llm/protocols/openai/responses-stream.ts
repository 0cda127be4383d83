/** A response as a stream of named events, numbered from 0. */
import { type Answer, encoded, framing, joined, type Segment } from '../../answers/answer.ts';
import { type Completion, type Delta, deltasOf } from '../../answers/completion.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import { sse, sseAnswer } from '../sse.ts';
import { errorBody } from './errors.ts';
import { logprobOf } from './logprobs.ts';
import type { OutputItem, ResponseObject } from './responses.ts';
import type { ResponsesRequest } from './responses-request.ts';

export function responseStream(
  { logprobs }: ResponsesRequest,
  completion: Completion,
  response: ResponseObject,
  tokensPerEvent: number | undefined,
): Answer {
  const started = {
    ...response,
    status: 'in_progress',
    output: [],
    usage: null,
    completed_at: null,
    incomplete_details: null,
  };
  let sequence = 0;
  const event = (type: string, body: object, number = sequence++): string =>
    sse({ type, sequence_number: number, ...body }, type);

  const segments: Segment[] = [
    framing(
      event('response.created', { response: started }),
      event('response.in_progress', { response: started }),
    ),
  ];
  /** An event for each of `deltas`; their numbers are set aside for them. */
  const streamed = (
    type: string,
    deltas: readonly Delta[],
    about: object,
    withLogprobs: boolean,
  ) => {
    const first = sequence;
    sequence += deltas.length;
    const numbered = deltas.map((delta, i) => ({ ...delta, number: first + i }));
    const probabilities = (text: string): object[] =>
      logprobs === null ? [] : tokensOf(text).map((token) => logprobOf(token, logprobs));
    segments.push(
      encoded(
        numbered,
        ({ text, number }) =>
          event(
            type,
            { ...about, delta: text, ...(withLogprobs ? { logprobs: probabilities(text) } : {}) },
            number,
          ),
        ({ tokens }) => tokens,
      ),
    );
  };

  for (const [index, item] of response.output.entries()) {
    const about = { item_id: item.id, output_index: index };
    const opened = { ...emptied(item), status: 'in_progress' };
    segments.push(
      framing(event('response.output_item.added', { output_index: index, item: opened })),
    );
    if (item.type === 'function_call') {
      const deltas = deltasOf(tokensOf(item.arguments), tokensPerEvent);
      streamed('response.function_call_arguments.delta', deltas, about, false);
      const done = { ...about, name: item.name, arguments: item.arguments };
      segments.push(framing(event('response.function_call_arguments.done', done)));
    } else {
      const place = { ...about, content_index: 0 };
      const [part] = item.content;
      const empty = { ...part, text: '', logprobs: [] };
      segments.push(framing(event('response.content_part.added', { ...place, part: empty })));
      streamed(
        'response.output_text.delta',
        deltasOf(completion.text, tokensPerEvent),
        place,
        true,
      );
      segments.push(
        framing(
          event('response.output_text.done', {
            ...place,
            text: part?.text,
            logprobs: part?.logprobs,
          }),
          event('response.content_part.done', { ...place, part }),
        ),
      );
    }
    segments.push(framing(event('response.output_item.done', { output_index: index, item })));
  }
  const ending = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
  segments.push(framing(event(ending, { response })));
  return sseAnswer({
    pieces: joined(segments),
    completionTokens: completion.tokens,
    emptyDelta: event('response.in_progress', { response: started }, 1),
    error: (error) => {
      const { message, code, param } = errorBody(500, error) as Record<string, unknown>;
      return sse({ type: 'error', sequence_number: sequence, message, code, param }, 'error');
    },
  });
}

function emptied(item: OutputItem): OutputItem {
  return item.type === 'message' ? { ...item, content: [] } : { ...item, arguments: '' };
}
