import { type Message, Ollama, type Tool } from 'ollama';
import { expect, test } from 'vitest';
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

async function start() {
  const model = await startModel();
  return { model, client: new Ollama({ host: originOf(model) }) };
}

const ask = (content: string): Message[] => [{ role: 'user', content }];
const tools = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather of a city',
      parameters: weatherParameters,
    },
  },
] as unknown as Tool[];

test('an answer, whole and as a stream', async () => {
  const { client } = await start();
  const whole = await client.chat({ model: 'any-name', messages: ask(QUESTION) });
  expect(whole.message.content).toContain(ANSWER);
  expect(whole).toMatchObject({ model: 'any-name', done: true, done_reason: 'stop' });
  const parts = [];
  for await (const part of await client.chat({ model: 'm', messages: ask(QUESTION), stream: true }))
    parts.push(part);
  expect(parts.map(({ message }) => message.content).join('')).toBe(whole.message.content);
  expect(parts.at(-1)).toMatchObject({ done: true, eval_count: whole.eval_count });

  const generated = await client.generate({ model: 'm', prompt: QUESTION, system: 'Briefly.' });
  expect(generated.response).toContain(ANSWER);
  let text = '';
  for await (const { response } of await client.generate({
    model: 'm',
    prompt: QUESTION,
    stream: true,
  }))
    text += response;
  expect(text).toContain(ANSWER);
});

test('tools: called, answered, and then a text', async () => {
  const { client } = await start();
  const messages = ask(WEATHER_QUESTION);
  for (const stream of [false, true]) {
    const calls = [];
    if (stream) {
      for await (const { message } of await client.chat({
        model: 'm',
        messages,
        tools,
        stream: true,
      }))
        calls.push(...(message.tool_calls ?? []));
    } else
      calls.push(
        ...((await client.chat({ model: 'm', messages, tools })).message.tool_calls ?? []),
      );
    expect(calls).toMatchObject([
      { function: { name: 'get_weather', arguments: { city: expect.stringContaining('Paris') } } },
    ]);
  }
  const result = { role: 'tool', tool_name: 'get_weather', content: WEATHER_RESULT };
  const answer = await client.chat({
    model: 'm',
    messages: [...messages, { role: 'assistant', content: '' }, result],
    tools,
  });
  expect(answer.message.content).toContain(WEATHER_RESULT);
});

test('structured output, options, thinking and images', async () => {
  const { client } = await start();
  const json = await client.chat({ model: 'm', messages: ask(DOCUMENT), format: partsSchema });
  expect(titlesIn(json.message.content)).toEqual(PART_TITLES);
  const any = await client.generate({ model: 'm', prompt: QUESTION, format: 'json' });
  expect(JSON.parse(any.response ?? '').answer).toContain(ANSWER);
  const short = await client.chat({
    model: 'm',
    messages: ask(QUESTION),
    options: { num_predict: 3 },
  });
  expect(short).toMatchObject({ done_reason: 'length', eval_count: 3 });
  const thinking = await client.chat({ model: 'm', messages: ask(QUESTION), think: true });
  expect(thinking.message.thinking).toMatch(/\w/);
  const image = Buffer.alloc(30).toString('base64');
  const seen = await client.chat({
    model: 'm',
    messages: [{ role: 'user', content: 'What is this?', images: [image] }],
  });
  expect(seen.message.content).toContain('has 30 bytes');
});

test('embeddings and models', async () => {
  const { client } = await start();
  const { embeddings } = await client.embed({
    model: 'e',
    input: ['The pump starts', 'The valve opens'],
    dimensions: 64,
  });
  expect(embeddings.map(({ length }) => length)).toEqual([64, 64]);
  expect(
    (await client.embeddings({ model: 'e', prompt: 'The pump starts' })).embedding,
  ).toHaveLength(256);
  expect((await client.list()).models.map(({ name }) => name)).toContain('hanglab-chat:latest');
  expect((await client.show({ model: 'hanglab-chat' })).capabilities).toContain('tools');
  expect((await client.version()).version).toMatch(/^\d/);
});

test('failures: a status with Retry-After, an error in a stream, a stream that falls silent', async () => {
  const { model, client } = await start();
  let retryAfter: string | null = null;
  const watching = new Ollama({
    host: originOf(model),
    fetch: async (input, init) => {
      const answer = await fetch(input as string, init);
      retryAfter = answer.headers.get('retry-after');
      return answer;
    },
  });
  model.script([
    {
      behaviour: { name: 'limit', status: 429, errorMessage: 'too many requests', retryAfterS: 3 },
    },
  ]);
  await expect(watching.chat({ model: 'm', messages: ask('x') })).rejects.toMatchObject({
    status_code: 429,
    message: 'too many requests',
  });
  expect(retryAfter).toBe('3');

  const read = async (abortAfterMs?: number) => {
    const stream = await client.chat({ model: 'm', messages: ask(QUESTION), stream: true });
    if (abortAfterMs !== undefined) setTimeout(() => stream.abort(), abortAfterMs);
    let tokens = 0;
    try {
      for await (const { message } of stream) if (message.content) tokens++;
    } catch (error) {
      return { tokens, error };
    }
    return { tokens, error: null };
  };
  model.script([
    { behaviour: { name: 'lost', errorAfterTokens: 2, errorMessage: 'out of memory' } },
  ]);
  expect(await read()).toEqual({
    tokens: 2,
    error: expect.objectContaining({ message: 'out of memory' }),
  });
  model.script([{ behaviour: { name: 'silence', silentAfterTokens: 2, heartbeatEveryMs: 20 } }]);
  expect(await read(PATIENCE_MS)).toEqual({
    tokens: 2,
    error: expect.objectContaining({ name: 'AbortError' }),
  });
});
