/** What each provider of the Vercel AI SDK is tried with: the same for all of them. */
import {
  APICallError,
  embedMany,
  generateText,
  jsonSchema,
  type LanguageModel,
  Output,
  RetryError,
  stepCountIs,
  streamText,
  tool,
} from 'ai';
import { expect, test } from 'vitest';
import type { ModelServer } from '../server/server.ts';
import {
  ANSWER,
  DOCUMENT,
  PART_TITLES,
  PATIENCE_MS,
  partsSchema,
  QUESTION,
  startModel,
  WEATHER_QUESTION,
  WEATHER_RESULT,
  weatherParameters,
} from './model.test-helper.ts';

type EmbeddingModel = Parameters<typeof embedMany>[0]['model'];

export interface ProviderModels {
  language: LanguageModel;
  /** Null where the provider has none. */
  embedding: EmbeddingModel | null;
}

export function testProvider(provide: (model: ModelServer) => ProviderModels): void {
  const start = async () => {
    const model = await startModel();
    return { model, ...provide(model) };
  };

  test('an answer, whole and as a stream', async () => {
    const { language } = await start();
    const whole = await generateText({ model: language, prompt: QUESTION, system: 'Briefly.' });
    expect(whole.text).toContain(ANSWER);
    expect(whole.finishReason).toBe('stop');
    const stream = streamText({ model: language, prompt: QUESTION, system: 'Briefly.' });
    let text = '';
    for await (const piece of stream.textStream) text += piece;
    expect(text).toBe(whole.text);
    expect((await stream.usage).outputTokens).toBeGreaterThan(3);
  });

  test('a loop through a tool comes to an end', async () => {
    const { language } = await start();
    const asked: unknown[] = [];
    const tools = {
      get_weather: tool({
        description: 'The weather of a city',
        inputSchema: jsonSchema<{ city: string }>({ ...weatherParameters } as object),
        execute: async (input) => {
          asked.push(input);
          return WEATHER_RESULT;
        },
      }),
    };
    const options = { model: language, prompt: WEATHER_QUESTION, tools, stopWhen: stepCountIs(5) };
    const { text, steps } = await generateText(options);
    expect(text).toContain(WEATHER_RESULT);
    expect(steps).toHaveLength(2);
    const stream = streamText(options);
    let streamed = '';
    for await (const piece of stream.textStream) streamed += piece;
    expect(streamed).toContain(WEATHER_RESULT);
    expect(asked).toMatchObject([
      { city: expect.stringContaining('Paris') },
      { city: expect.stringContaining('Paris') },
    ]);
  });

  test('structured output', async () => {
    const { language } = await start();
    type Parts = { parts: { title: string; text: string }[] };
    const schema = jsonSchema<Parts>({ ...partsSchema } as object);
    const { output } = await generateText({
      model: language,
      prompt: DOCUMENT,
      output: Output.object({ schema }),
    });
    expect(output.parts.map(({ title }) => title)).toEqual(PART_TITLES);
  });

  test('embeddings', async (context) => {
    const { embedding } = await start();
    if (embedding === null) return context.skip('this provider has none');
    const { embeddings } = await embedMany({ model: embedding, values: ['The pump starts', 'x'] });
    expect(embeddings.map(({ length }) => length)).toEqual([256, 256]);
  });

  test('a 429 with Retry-After is tried again, until it is over', async () => {
    const { model, language } = await start();
    const limit = { name: 'limit', status: 429, retryAfterS: 0.01 };
    model.script([{ when: { times: 1 }, behaviour: limit }]);
    await generateText({ model: language, prompt: 'x', maxRetries: 1 });
    expect(model.hits()).toEqual({ limit: 1 });
    model.script([{ behaviour: { name: 'down', status: 429, retryAfterS: 30 } }]);
    const error = await generateText({ model: language, prompt: 'x', maxRetries: 0 }).catch(
      (thrown) => thrown,
    );
    const call = RetryError.isInstance(error) ? error.lastError : error;
    if (!APICallError.isInstance(call)) throw error;
    expect(call).toMatchObject({ statusCode: 429, isRetryable: true });
    expect(call.responseHeaders?.['retry-after']).toBe('30');
  });

  test('a model or a stream that falls silent is cut by the client’s own timeout', async () => {
    const { model, language } = await start();
    model.script([{ behaviour: { name: 'silence', holdHeaders: true } }]);
    const abortSignal = AbortSignal.timeout(PATIENCE_MS);
    await expect(
      generateText({ model: language, prompt: QUESTION, abortSignal, maxRetries: 0 }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });

    model.script([{ behaviour: { name: 'silence', silentAfterTokens: 2 } }]);
    const again = AbortSignal.timeout(PATIENCE_MS);
    const stream = streamText({ model: language, prompt: QUESTION, abortSignal: again });
    const parts: string[] = [];
    for await (const part of stream.fullStream) parts.push(part.type);
    expect(parts.filter((type) => type === 'text-delta')).toHaveLength(2);
    expect(parts).toContain('abort');
  });
}
