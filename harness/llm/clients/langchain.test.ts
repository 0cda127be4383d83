import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ModelServer } from '../server/server.ts';
import {
  ANSWER,
  DOCUMENT,
  PART_TITLES,
  PATIENCE_MS,
  QUESTION,
  startModel,
  WEATHER_QUESTION,
  WEATHER_RESULT,
} from './model.test-helper.ts';

async function start(over: object = {}) {
  const model = await startModel();
  return { model, chat: chatOf(model, over) };
}

const chatOf = (model: ModelServer, over: object) =>
  new ChatOpenAI({
    model: 'gpt-4.1',
    apiKey: 'any',
    maxRetries: 0,
    configuration: { baseURL: model.url },
    ...over,
  });

test('an answer, whole and as a stream, from the chat and the responses route', async () => {
  for (const useResponsesApi of [false, true]) {
    const { chat } = await start({ useResponsesApi });
    expect((await chat.invoke(QUESTION)).text).toContain(ANSWER);
    let text = '';
    for await (const chunk of await chat.stream(QUESTION)) text += chunk.text;
    expect(text).toContain(ANSWER);
  }
});

test('tools: called, answered, and then a text', async () => {
  const { chat } = await start();
  const weather = tool(() => WEATHER_RESULT, {
    name: 'get_weather',
    description: 'The weather of a city',
    schema: z.object({ city: z.string() }),
  });
  const bound = chat.bindTools([weather]);
  const first = await bound.invoke(WEATHER_QUESTION);
  const [call] = first.tool_calls ?? [];
  expect(call).toMatchObject({
    name: 'get_weather',
    args: { city: expect.stringContaining('Paris') },
  });
  const result = new ToolMessage({ content: WEATHER_RESULT, tool_call_id: call?.id ?? '' });
  const second = await bound.invoke([new HumanMessage(WEATHER_QUESTION), first, result]);
  expect(second.text).toContain(WEATHER_RESULT);
});

test('structured output', async () => {
  const { chat } = await start();
  const Parts = z.object({ parts: z.array(z.object({ title: z.string(), text: z.string() })) });
  for (const method of ['jsonSchema', 'functionCalling'] as const) {
    const { parts } = await chat.withStructuredOutput(Parts, { method }).invoke(DOCUMENT);
    expect(parts.map(({ title }) => title)).toEqual(PART_TITLES);
  }
});

test('embeddings', async () => {
  const model = await startModel();
  const embeddings = new OpenAIEmbeddings({
    model: 'e',
    apiKey: 'any',
    configuration: { baseURL: model.url },
  });
  expect(
    (await embeddings.embedDocuments(['The pump starts', 'x'])).map(({ length }) => length),
  ).toEqual([256, 256]);
  expect(await embeddings.embedQuery('The pump starts')).toHaveLength(256);
});

test('a 429 with Retry-After, an error of a status, a silent model and a silent stream', async () => {
  const { model } = await start();
  const limit = { name: 'limit', status: 429, retryAfterS: 0.01 };
  model.script([{ when: { times: 1 }, behaviour: limit }]);
  await chatOf(model, { maxRetries: 2 }).invoke('x');
  expect(model.hits()).toEqual({ limit: 1 });
  model.script([{ behaviour: { name: 'down', status: 503, errorCode: 'overloaded' } }]);
  await expect(chatOf(model, {}).invoke('x')).rejects.toMatchObject({ status: 503 });

  model.script([{ behaviour: { name: 'held', holdHeaders: true } }]);
  await expect(chatOf(model, { timeout: PATIENCE_MS }).invoke('x')).rejects.toThrow(/timed? ?out/i);
  model.script([{ behaviour: { name: 'silence', silentAfterTokens: 2 } }]);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  let text = '';
  const read = async () => {
    for await (const chunk of await chatOf(model, {}).stream(QUESTION, { signal }))
      text += chunk.text;
  };
  await expect(read()).rejects.toThrow();
  expect(text.split(' ').length).toBeLessThanOrEqual(2);
});
