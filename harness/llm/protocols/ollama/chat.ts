/** `/api/chat` and `/api/generate`: the answers, as lines of JSON or whole. */
import { type Answer, encoded, framing, joined, jsonAnswer } from '../../answers/answer.ts';
import { type Completion, complete, streamed } from '../../answers/completion.ts';
import { lastTextOf, textOf } from '../../answers/prompt.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import type { Checked } from '../check.ts';
import type { Endpoint } from '../endpoint.ts';
import { eventTemplate } from '../sse.ts';
import { ollama } from './errors.ts';
import { type OllamaRequest, readChat, readGenerate } from './request.ts';

/** Always the same instant: the same request gets the same bytes. */
export const CREATED_AT = '2025-06-15T15:06:40Z';

/** What a route calls the parts of an answer. */
type Part = (text: string, thinking?: string) => object;

export const ollamaChat: Endpoint = endpoint('ollama-chat', readChat, (content, thinking) => ({
  message: { role: 'assistant', content, ...(thinking === undefined ? {} : { thinking }) },
}));

export const ollamaGenerate: Endpoint = endpoint(
  'ollama-generate',
  readGenerate,
  (response, thinking) => ({ response, ...(thinking === undefined ? {} : { thinking }) }),
);

function endpoint(
  route: 'ollama-chat' | 'ollama-generate',
  read: (body: unknown) => Checked<OllamaRequest>,
  part: Part,
): Endpoint {
  return {
    route,
    operation: 'chat',
    method: 'POST',
    provider: ollama,
    read(body) {
      const checked = read(body);
      if (!checked.ok) return checked;
      const { prompt, stream } = checked.value;
      return {
        ok: true,
        value: {
          model: prompt.model,
          subject: null,
          text: textOf(prompt),
          lastText: lastTextOf(prompt),
          streamed: stream,
          answer(script, seed) {
            const [completion] = complete(prompt, script, seed) as [Completion];
            const answered = answerer(checked.value, completion, part);
            return stream ? answered.lines(script.tokensPerEvent) : answered.whole();
          },
        },
      };
    },
  };
}

function answerer({ prompt }: OllamaRequest, completion: Completion, part: Part) {
  const { thinking, text, toolCalls, finish, tokens } = completion;
  const head = { model: prompt.model, created_at: CREATED_AT };
  const end = {
    done: true,
    done_reason: finish === 'length' ? 'length' : 'stop',
    total_duration: 1_000_000 * (1 + tokens),
    load_duration: 1_000_000,
    prompt_eval_count: tokensOf(textOf(prompt)).length,
    prompt_eval_duration: 1_000_000,
    eval_count: tokens,
    eval_duration: 1_000_000 * (1 + tokens),
  };
  const calls = toolCalls.map(({ id, name, arguments: json }, index) => ({
    id: `call_${id}`,
    function: { index, name, arguments: JSON.parse(json) },
  }));
  const thought = thinking.length > 0 ? thinking.join('') : undefined;
  const withCalls = { message: { role: 'assistant', content: '', tool_calls: calls } };
  const line = (body: object): string => `${JSON.stringify({ ...head, ...body })}\n`;

  return {
    whole(): Answer {
      const said = part(text.join(''), thought);
      const body = calls.length === 0 ? said : merged(said, withCalls);
      return jsonAnswer(200, { ...head, ...body, ...end }, tokens);
    },
    lines(size: number | undefined): Answer {
      const content = eventTemplate((piece) => line({ ...part(piece), done: false }));
      const thinks = eventTemplate((piece) => line({ ...part('', piece), done: false }));
      const emptyDelta = line({ ...part(''), done: false });
      return {
        status: 200,
        headers: { 'content-type': 'application/x-ndjson' },
        pieces: joined([
          streamed(thinking, size, thinks),
          streamed(text, size, content),
          // A call comes whole: its arguments are an object here.
          encoded(calls.length === 0 ? [] : [withCalls], (body) => line({ ...body, done: false })),
          framing(line({ ...part(''), ...end })),
        ]),
        completionTokens: tokens,
        streamed: true,
        // Lines of JSON have no comments, and clients do not bear empty ones.
        interjections: {
          comment: emptyDelta,
          'empty-delta': emptyDelta,
          brokenEvent: `${emptyDelta.slice(0, -(emptyDelta.length >> 2))}\n`,
          error: ({ message }) => `${JSON.stringify({ error: message })}\n`,
        },
      };
    },
  };
}

function merged(said: object, { message }: { message: object }): object {
  return 'message' in said ? { message: { ...(said.message as object), ...message } } : said;
}
