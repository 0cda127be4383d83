import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, test } from 'vitest';
import type { ModelServerOptions } from '../server/server.ts';
import {
  ANSWER,
  DOCUMENT,
  originOf,
  PART_TITLES,
  PATIENCE_MS,
  partsSchema,
  QUESTION,
  startModel,
  titlesIn,
  WEATHER_QUESTION,
  WEATHER_RESULT,
  weatherParameters,
} from './model.test-helper.ts';

async function start(options: Partial<ModelServerOptions> = {}) {
  const model = await startModel(options);
  const client = new Anthropic({ baseURL: originOf(model), apiKey: 'any', maxRetries: 0 });
  return { model, client };
}

const ask = (content: string): Anthropic.MessageParam[] => [{ role: 'user', content }];
const base = { model: 'any-name', max_tokens: 1000 };
const tools = [
  { name: 'get_weather', description: 'The weather of a city', input_schema: weatherParameters },
] as unknown as Anthropic.Tool[];
const textOf = ({ content }: Anthropic.Message): string =>
  content.map((block) => (block.type === 'text' ? block.text : '')).join('');

describe('messages', () => {
  test('an answer, whole and as a stream', async () => {
    const { client } = await start();
    const body = { ...base, system: 'Answer briefly.', messages: ask(QUESTION) };
    const whole = await client.messages.create(body);
    expect(textOf(whole)).toContain(ANSWER);
    expect(whole).toMatchObject({ model: 'any-name', stop_reason: 'end_turn', type: 'message' });

    const events: string[] = [];
    const stream = client.messages.stream(body).on('streamEvent', ({ type }) => events.push(type));
    const streamed = await stream.finalMessage();
    expect(textOf(streamed)).toBe(textOf(whole));
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(events.filter((type, i) => type !== events[i - 1])).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const counted = await client.messages.countTokens({ model: 'm', messages: ask(QUESTION) });
    expect(counted.input_tokens).toBeGreaterThan(40);
  });

  test('tools: called in a stream, answered, and then a text', async () => {
    const { client } = await start();
    const messages = ask(WEATHER_QUESTION);
    let pieces = 0;
    const first = await client.messages
      .stream({ ...base, messages, tools })
      .on('inputJson', () => pieces++)
      .finalMessage();
    expect(first.stop_reason).toBe('tool_use');
    expect(pieces).toBeGreaterThan(3);
    const [call] = first.content;
    if (call?.type !== 'tool_use') throw new Error('no call of a tool');
    expect(call).toMatchObject({
      name: 'get_weather',
      input: { city: expect.stringContaining('Paris') },
    });

    const result = { type: 'tool_result', tool_use_id: call.id, content: WEATHER_RESULT } as const;
    const second = await client.messages.create({
      ...base,
      tools,
      messages: [
        ...messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [result] },
      ],
    });
    expect(textOf(second)).toContain(WEATHER_RESULT);
    expect(second.stop_reason).toBe('end_turn');
  });

  test.each<[Anthropic.ToolChoice, number]>([
    [{ type: 'auto' }, 0],
    [{ type: 'none' }, 0],
    [{ type: 'any' }, 1],
    [{ type: 'tool', name: 'get_weather' }, 1],
  ])('tool_choice %j on words that have nothing to do with it: %i calls', async (tool_choice, calls) => {
    const { client } = await start();
    const answer = await client.messages.create({
      ...base,
      messages: ask('Hello, friend.'),
      tools,
      tool_choice,
    });
    expect(answer.content.filter(({ type }) => type === 'tool_use')).toHaveLength(calls);
  });

  test('structured output', async () => {
    const { client } = await start();
    const format = { type: 'json_schema', schema: { ...partsSchema } } as const;
    const answer = await client.messages.create({
      ...base,
      messages: ask(DOCUMENT),
      output_config: { format },
    });
    expect(titlesIn(textOf(answer))).toEqual(PART_TITLES);
  });

  test('thinking, stop sequences, a limit, images and documents', async () => {
    const { client } = await start();
    const create = (over: Partial<Anthropic.MessageCreateParamsNonStreaming>) =>
      client.messages.create({ ...base, messages: ask(QUESTION), ...over });
    const thinking = await create({
      max_tokens: 3000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
    });
    expect(thinking.content.map(({ type }) => type)).toEqual(['thinking', 'text']);
    const streamed = await client.messages
      .stream({
        ...base,
        max_tokens: 3000,
        messages: ask(QUESTION),
        thinking: { type: 'enabled', budget_tokens: 1024 },
      })
      .finalMessage();
    expect(streamed.content).toEqual(thinking.content);
    expect(await create({ stop_sequences: ['hundred'] })).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'hundred',
    });
    expect(await create({ max_tokens: 3 })).toMatchObject({
      stop_reason: 'max_tokens',
      usage: { output_tokens: 3 },
    });

    const data = Buffer.alloc(30).toString('base64');
    const seen = await create({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
            { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } },
            { type: 'text', text: 'What is this?' },
          ],
        },
      ],
    });
    expect(textOf(seen)).toContain('The image is of type image/png and has 30 bytes.');
    expect(textOf(seen)).toContain('The file is of type application/pdf and has 30 bytes.');
  });

  test('what does not belong together is refused', async () => {
    const { client } = await start();
    const call = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} } as const;
    const messages: Anthropic.MessageParam[] = [
      ...ask('x'),
      { role: 'assistant', content: [call] },
      ...ask('y'),
    ];
    await expect(client.messages.create({ ...base, tools, messages })).rejects.toThrow('toolu_1');
    await expect(
      client.messages.create({ ...base, messages: ask('x'), tool_choice: { type: 'any' } }),
    ).rejects.toThrow('tool_choice');
  });

  test('models', async () => {
    const { client } = await start();
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toContain('hanglab-chat');
    await expect(client.models.retrieve('none')).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});

describe('failures', () => {
  test('a 429 with Retry-After is tried again by the client, until it is over', async () => {
    const { model, client } = await start();
    model.script([
      {
        when: { route: 'messages', times: 2 },
        behaviour: { name: 'limit', status: 429, retryAfterS: 0.01 },
      },
    ]);
    await client.messages.create({ ...base, messages: ask('x') }, { maxRetries: 2 });
    expect(model.hits()).toEqual({ limit: 2 });

    model.script([{ behaviour: { name: 'busy', status: 529, retryAfterS: 9 } }]);
    const error = await client.messages
      .create({ ...base, messages: ask('x') })
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Anthropic.InternalServerError);
    expect(error).toMatchObject({
      status: 529,
      requestID: expect.stringMatching(/^req_/),
      error: { error: { type: 'overloaded_error' } },
    });
    expect(error.headers.get('retry-after')).toBe('9');
  });

  test('a wrong key', async () => {
    const { client } = await start({ apiKey: 'secret' });
    await expect(client.messages.create({ ...base, messages: ask('x') })).rejects.toBeInstanceOf(
      Anthropic.AuthenticationError,
    );
  });

  test('a silent model is given up by the client’s own timeout', async () => {
    const { model, client } = await start();
    model.script([{ behaviour: { name: 'silence', holdHeaders: true } }]);
    await expect(
      client.messages.create({ ...base, messages: ask('x') }, { timeout: PATIENCE_MS }),
    ).rejects.toBeInstanceOf(Anthropic.APIConnectionTimeoutError);
  });

  test('a stream that falls silent, but for its pings, is cut by whoever reads it', async () => {
    const { model, client } = await start();
    model.script([{ behaviour: { name: 'silence', silentAfterTokens: 2, heartbeatEveryMs: 20 } }]);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const stream = client.messages.stream({ ...base, messages: ask(QUESTION) }, { signal });
    let deltas = 0;
    stream.on('text', () => deltas++);
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError);
    expect(deltas).toBe(2);
  });

  test('an error in the middle of a stream', async () => {
    const { model, client } = await start();
    model.script([
      { behaviour: { name: 'busy', errorAfterTokens: 2, errorType: 'overloaded_error' } },
    ]);
    await expect(
      client.messages.stream({ ...base, messages: ask(QUESTION) }).finalMessage(),
    ).rejects.toThrow('overloaded_error');
  });
});
