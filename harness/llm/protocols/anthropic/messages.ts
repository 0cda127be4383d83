/** `POST /v1/messages` and `/v1/messages/count_tokens`: the answers, whole or as a stream. */
import { type Answer, framing, joined, jsonAnswer, type Segment } from '../../answers/answer.ts';
import { type Completion, complete, idOf, streamed } from '../../answers/completion.ts';
import { lastTextOf, type Prompt, type ToolCall, textOf } from '../../answers/prompt.ts';
import { tokensOf } from '../../answers/prose/text.ts';
import type { Endpoint } from '../endpoint.ts';
import { eventTemplate, sse, sseAnswer } from '../sse.ts';
import { anthropic, errorBody } from './errors.ts';
import { readCount, readMessages } from './request.ts';

/** Proves nothing, but clients send it back and want one. */
const SIGNATURE = 'aGFuZ2xhYg==';
const PING = sse({ type: 'ping' }, 'ping');

const STOP_REASONS = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  tools: 'tool_use',
} as const;

export const messages: Endpoint = {
  route: 'messages',
  operation: 'chat',
  method: 'POST',
  provider: anthropic,
  read(body, call) {
    const checked = readMessages(body, call);
    if (!checked.ok) return checked;
    const { prompt, stream } = checked.value;
    return {
      ok: true,
      value: {
        model: prompt.model,
        subject: prompt.subject,
        text: textOf(prompt),
        lastText: lastTextOf(prompt),
        answersTool: prompt.turns.at(-1)?.role === 'tool',
        streamed: stream,
        answer(script, seed) {
          const [completion] = complete(prompt, script, seed) as [Completion];
          const id = `msg_${idOf(prompt, `${seed}`)}`;
          const head = messageHead(prompt, id);
          if (stream) return messageStream(head, completion, script.tokensPerEvent);
          const message = {
            ...head,
            content: blocksOf(completion),
            stop_reason: STOP_REASONS[completion.finish],
            stop_sequence: completion.stopSequence,
            usage: { ...head.usage, output_tokens: completion.tokens },
          };
          return jsonAnswer(200, message, completion.tokens);
        },
      },
    };
  },
};

export const countTokens: Endpoint = {
  route: 'count-tokens',
  operation: 'tokens',
  method: 'POST',
  provider: anthropic,
  read(body, call) {
    const checked = readCount(body, call);
    if (!checked.ok) return checked;
    const prompt = checked.value;
    const text = textOf(prompt);
    return {
      ok: true,
      value: {
        model: prompt.model,
        subject: null,
        text,
        lastText: lastTextOf(prompt),
        streamed: false,
        answer: () => jsonAnswer(200, { input_tokens: inputTokens(prompt) }),
      },
    };
  },
};

function inputTokens(prompt: Prompt): number {
  const tools = prompt.tools.length === 0 ? '' : JSON.stringify(prompt.tools);
  return tokensOf(textOf(prompt)).length + tokensOf(tools).length;
}

function messageHead(prompt: Prompt, id: string) {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: prompt.model,
    content: [] as object[],
    stop_reason: null as string | null,
    stop_sequence: null as string | null,
    usage: {
      input_tokens: inputTokens(prompt),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: 0,
      service_tier: 'standard',
    },
  };
}

const toolBlock = (call: ToolCall, input: unknown) => ({
  type: 'tool_use',
  id: `toolu_${call.id}`,
  name: call.name,
  input,
});

function blocksOf({ thinking, text, toolCalls }: Completion): object[] {
  const blocks: object[] = [];
  if (thinking.length > 0) {
    blocks.push({ type: 'thinking', thinking: thinking.join(''), signature: SIGNATURE });
  }
  if (text.length > 0) blocks.push({ type: 'text', text: text.join(''), citations: null });
  for (const call of toolCalls) blocks.push(toolBlock(call, JSON.parse(call.arguments)));
  return blocks;
}

function messageStream(
  head: ReturnType<typeof messageHead>,
  completion: Completion,
  tokensPerEvent: number | undefined,
): Answer {
  const segments: Segment[] = [
    framing(sse({ type: 'message_start', message: head }, 'message_start')),
  ];
  let index = 0;
  const addBlock = (
    opened: object,
    tokens: readonly string[],
    delta: (text: string) => object,
    closing: object[] = [],
  ): void => {
    const at = index++;
    const deltaEvent = (body: object): string =>
      sse({ type: 'content_block_delta', index: at, delta: body }, 'content_block_delta');
    const encode = eventTemplate((text) => deltaEvent(delta(text)));
    segments.push(
      framing(
        sse(
          { type: 'content_block_start', index: at, content_block: opened },
          'content_block_start',
        ),
        ...(at === 0 ? [PING] : []),
      ),
      streamed(tokens, tokensPerEvent, encode),
      framing(
        ...closing.map(deltaEvent),
        sse({ type: 'content_block_stop', index: at }, 'content_block_stop'),
      ),
    );
  };

  const { thinking, text, toolCalls } = completion;
  if (thinking.length > 0) {
    const opened = { type: 'thinking', thinking: '', signature: '' };
    const signed = { type: 'signature_delta', signature: SIGNATURE };
    addBlock(opened, thinking, (part) => ({ type: 'thinking_delta', thinking: part }), [signed]);
  }
  if (text.length > 0) {
    const opened = { type: 'text', text: '', citations: null };
    addBlock(opened, text, (part) => ({ type: 'text_delta', text: part }));
  }
  for (const call of toolCalls) {
    addBlock(toolBlock(call, {}), tokensOf(call.arguments), (part) => ({
      type: 'input_json_delta',
      partial_json: part,
    }));
  }
  const delta = {
    stop_reason: STOP_REASONS[completion.finish],
    stop_sequence: completion.stopSequence,
  };
  const usage = { ...head.usage, output_tokens: completion.tokens };
  segments.push(
    framing(
      sse({ type: 'message_delta', delta, usage }, 'message_delta'),
      sse({ type: 'message_stop' }, 'message_stop'),
    ),
  );
  return sseAnswer({
    pieces: joined(segments),
    completionTokens: completion.tokens,
    comment: PING,
    emptyDelta: sse(
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '' } },
      'content_block_delta',
    ),
    error: (error) => sse(errorBody(529, error), 'error'),
  });
}
