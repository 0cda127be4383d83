import OpenAI, { AzureOpenAI } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
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
  return { model, client: new OpenAI({ baseURL: model.url, apiKey: 'any', maxRetries: 0 }) };
}

const ask = (content: string): OpenAI.ChatCompletionMessageParam[] => [
  { role: 'system', content: 'Answer briefly.' },
  { role: 'user', content },
];
const weather: OpenAI.ChatCompletionTool = {
  type: 'function',
  function: { name: 'get_weather', parameters: { ...weatherParameters }, strict: true },
};
const response_format: OpenAI.ResponseFormatJSONSchema = {
  type: 'json_schema',
  json_schema: { name: 'parts_of_it', schema: { ...partsSchema }, strict: true },
};

describe('chat completions', () => {
  test('an answer, whole and as a stream with usage', async () => {
    const { client } = await start();
    const body = { model: 'any-name', messages: ask(QUESTION) };
    const whole = await client.chat.completions.create(body);
    expect(whole.choices[0]?.message.content).toContain(ANSWER);
    expect(whole.choices[0]?.finish_reason).toBe('stop');
    expect(whole.model).toBe('any-name');

    const stream_options = { include_usage: true };
    const stream = await client.chat.completions.create({ ...body, stream: true, stream_options });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const contents = chunks.flatMap(({ choices }) => choices[0]?.delta.content || []);
    expect(contents.join('')).toBe(whole.choices[0]?.message.content);
    expect(contents).toHaveLength(whole.usage?.completion_tokens as number);
    expect(chunks.at(-1)?.usage).toEqual(whole.usage);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
  });

  test('structured output, with a schema of any name, and as a JSON object', async () => {
    const { client } = await start();
    const messages = ask(DOCUMENT);
    const answer = await client.chat.completions.create({ model: 'm', messages, response_format });
    expect(titlesIn(answer.choices[0]?.message.content ?? '')).toEqual(PART_TITLES);

    const Answer = z.object({ answer: z.string(), confidence: z.number().min(0).max(1) });
    const parsed = await client.chat.completions.parse({
      model: 'm',
      messages: ask(QUESTION),
      response_format: zodResponseFormat(Answer, 'answer'),
    });
    expect(parsed.choices[0]?.message.parsed?.answer).toContain(ANSWER);

    const json = await client.chat.completions.create({
      model: 'm',
      messages: ask(`${QUESTION} Answer in JSON.`),
      response_format: { type: 'json_object' },
    });
    expect(JSON.parse(json.choices[0]?.message.content ?? '').answer).toContain(ANSWER);
  });

  test('tools: called, answered, and then a text', async () => {
    const { client } = await start();
    const messages = ask(WEATHER_QUESTION);
    const body = { model: 'm', tools: [weather] };
    const first = await client.chat.completions.create({ ...body, messages });
    const [choice] = first.choices;
    const [call] = choice?.message.tool_calls ?? [];
    expect(choice?.finish_reason).toBe('tool_calls');
    if (call?.type !== 'function') throw new Error('no call of a function');
    expect(call.function.name).toBe('get_weather');
    expect(JSON.parse(call.function.arguments)).toMatchObject({
      city: expect.stringContaining('Paris'),
      unit: expect.stringMatching(/celsius|fahrenheit/),
    });

    const result = { role: 'tool', tool_call_id: call.id, content: WEATHER_RESULT } as const;
    const second = await client.chat.completions.create({
      ...body,
      messages: [...messages, choice?.message as OpenAI.ChatCompletionMessageParam, result],
    });
    expect(second.choices[0]?.message.content).toContain(WEATHER_RESULT);
  });

  test('the client’s own loop through tools comes to an end', async () => {
    const { client } = await start();
    const runner = client.chat.completions.runTools({
      model: 'm',
      messages: ask(WEATHER_QUESTION),
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: 'The weather of a city',
            parameters: { ...weatherParameters } as object,
            function: (_city: string) => WEATHER_RESULT,
          },
        },
      ],
    });
    expect(await runner.finalContent()).toContain(WEATHER_RESULT);
  });

  test('arguments of tools come in pieces, of several calls at once', async () => {
    const { client } = await start();
    const clock: OpenAI.ChatCompletionTool = {
      type: 'function',
      function: {
        name: 'get_time',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        },
      },
    };
    const messages = ask('Tell me the weather and the time in Paris.');
    const stream = client.chat.completions.stream({
      model: 'm',
      messages,
      tools: [weather, clock],
    });
    const deltas: string[] = [];
    stream.on('tool_calls.function.arguments.delta', ({ arguments_delta: delta }) =>
      deltas.push(delta),
    );
    const { tool_calls: calls } = (await stream.finalMessage()) as OpenAI.ChatCompletionMessage;
    expect(calls?.map((call) => call.type === 'function' && call.function.name)).toEqual([
      'get_weather',
      'get_time',
    ]);
    expect(deltas.length).toBeGreaterThan(4);

    const alone = await client.chat.completions.create({
      model: 'm',
      messages,
      tools: [weather, clock],
      parallel_tool_calls: false,
    });
    expect(alone.choices[0]?.message.tool_calls).toHaveLength(1);
  });

  test.each<[OpenAI.ChatCompletionToolChoiceOption, number]>([
    ['none', 0],
    ['auto', 0],
    ['required', 1],
    [{ type: 'function', function: { name: 'get_weather' } }, 1],
  ])('tool_choice %j on words that have nothing to do with it: %i calls', async (tool_choice, calls) => {
    const { client } = await start();
    const body = { model: 'm', messages: ask('Hello, friend.'), tools: [weather], tool_choice };
    const answer = await client.chat.completions.create(body);
    expect(answer.choices[0]?.message.tool_calls ?? []).toHaveLength(calls);
  });

  test('stop, n, max_completion_tokens, logprobs, images and sound', async () => {
    const { client } = await start();
    const create = (over: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>) =>
      client.chat.completions.create({ model: 'm', messages: ask(QUESTION), ...over });
    const stopped = await create({ stop: ['hundred'] });
    expect(stopped.choices[0]?.message.content).toMatch(/nine $/);
    const several = await create({ n: 3 });
    expect(several.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    const short = await create({ max_completion_tokens: 4 });
    expect(short.choices[0]?.finish_reason).toBe('length');
    expect(short.usage?.completion_tokens).toBe(4);
    const probable = await create({ logprobs: true, top_logprobs: 2, max_tokens: 3 });
    expect(probable.choices[0]?.logprobs?.content?.map((one) => one.top_logprobs.length)).toEqual([
      2, 2, 2,
    ]);

    const seen = await create({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            {
              type: 'image_url',
              image_url: { url: `data:image/png;base64,${Buffer.alloc(30).toString('base64')}` },
            },
            {
              type: 'input_audio',
              input_audio: { data: Buffer.alloc(40).toString('base64'), format: 'wav' },
            },
          ],
        },
      ],
    });
    expect(seen.choices[0]?.message.content).toContain(
      'The image is of type image/png and has 30 bytes.',
    );
    expect(seen.choices[0]?.message.content).toContain(
      'The sound is of type wav and has 40 bytes.',
    );
  });

  test('several choices are streamed beside each other', async () => {
    const { client } = await start();
    const stream = await client.chat.completions.create({
      model: 'm',
      messages: ask(QUESTION),
      n: 2,
      stream: true,
      logprobs: true,
    });
    const order: number[] = [];
    for await (const { choices } of stream) {
      const [choice] = choices;
      if (choice?.delta.content) {
        order.push(choice.index);
        expect(choice.logprobs?.content).toHaveLength(1);
      }
    }
    expect(order.slice(0, 4)).toEqual([0, 1, 0, 1]);
  });
});

describe('responses', () => {
  test('a response, had again by its id, continued, and removed', async () => {
    const { client } = await start();
    const first = await client.responses.create({ model: 'm', input: QUESTION });
    expect(first.output_text).toContain(ANSWER);
    expect(first.status).toBe('completed');
    expect((await client.responses.retrieve(first.id)).output_text).toBe(first.output_text);
    const next = await client.responses.create({
      model: 'm',
      input: 'How fast does a valve open?',
      previous_response_id: first.id,
    });
    expect(next.output_text).toContain('Each valve opens in eleven seconds.');
    await client.responses.delete(first.id);
    await expect(client.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
    await expect(
      client.responses.create({ model: 'm', input: 'x', previous_response_id: first.id }),
    ).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    });
  });

  test('its streamed events', async () => {
    const { client } = await start();
    const stream = await client.responses.create({ model: 'm', input: QUESTION, stream: true });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, i) => i));
    const types = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const text = events
      .map((event) => (event.type === 'response.output_text.delta' ? event.delta : ''))
      .join('');
    expect(text).toContain(ANSWER);
  });

  test('tools and structured output', async () => {
    const { client } = await start();
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'function', name: 'get_weather', parameters: { ...weatherParameters }, strict: true },
    ];
    const stream = client.responses.stream({ model: 'm', input: WEATHER_QUESTION, tools });
    let pieces = 0;
    stream.on('response.function_call_arguments.delta', () => pieces++);
    const called = await stream.finalResponse();
    expect(pieces).toBeGreaterThan(3);
    const [call] = called.output;
    if (call?.type !== 'function_call') throw new Error('no call of a function');
    const answered = await client.responses.create({
      model: 'm',
      tools,
      previous_response_id: called.id,
      input: [{ type: 'function_call_output', call_id: call.call_id, output: WEATHER_RESULT }],
    });
    expect(answered.output_text).toContain(WEATHER_RESULT);

    const format = {
      type: 'json_schema',
      name: 'parts',
      schema: { ...partsSchema },
      strict: true,
    } as const;
    const json = await client.responses.create({ model: 'm', input: DOCUMENT, text: { format } });
    expect(titlesIn(json.output_text)).toEqual(PART_TITLES);
  });
});

describe('embeddings, completions and models', () => {
  test('base64 and float are the same vector, of the dimensions asked for', async () => {
    const { client } = await start();
    const body = { model: 'e', input: ['The pump starts', 'The valve opens'], dimensions: 64 };
    // The client asks for base64 when nothing is said, and decodes it.
    const decoded = await client.embeddings.create(body);
    const floats = await client.embeddings.create({ ...body, encoding_format: 'float' });
    expect(decoded.data).toHaveLength(2);
    for (const [i, { embedding, index }] of decoded.data.entries()) {
      expect(index).toBe(i);
      expect(embedding).toHaveLength(64);
      const other = floats.data[i]?.embedding ?? [];
      expect(Array.from(embedding, Math.fround)).toEqual(Array.from(other, Math.fround));
    }
  });

  test('one string and one array of tokens are one vector of 256 each', async () => {
    const { client } = await start();
    for (const input of ['The pump starts', [464, 8901, 5260]]) {
      const answer = await client.embeddings.create({ model: 'e', input });
      expect(answer.data.map(({ embedding }) => embedding.length)).toEqual([256]);
      expect(answer.usage.prompt_tokens).toBe(3);
    }
    const two = await client.embeddings.create({ model: 'e', input: [[464, 8901], [5260]] });
    expect(two.data).toHaveLength(2);
  });

  test('the older completions, whole and as a stream', async () => {
    const { client } = await start();
    const body = { model: 'm', prompt: QUESTION, max_tokens: 200 };
    const whole = await client.completions.create(body);
    expect(whole.choices[0]?.text).toContain(ANSWER);
    let text = '';
    for await (const chunk of await client.completions.create({ ...body, stream: true }))
      text += chunk.choices[0]?.text;
    expect(text).toBe(whole.choices[0]?.text);
  });

  test('models are listed and had one by one', async () => {
    const { client } = await start();
    const ids = (await client.models.list()).data.map(({ id }) => id);
    expect(ids).toContain('hanglab-chat');
    expect((await client.models.retrieve('hanglab-chat')).object).toBe('model');
    await expect(client.models.retrieve('gpt-none')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });
});

test('Azure’s client, by its deployments and its key', async () => {
  const model = await startModel({ apiKey: 'secret' });
  const client = new AzureOpenAI({
    endpoint: originOf(model),
    apiKey: 'secret',
    apiVersion: '2024-10-21',
    deployment: 'big',
    maxRetries: 0,
  });
  const answer = await client.chat.completions.create({ model: '', messages: ask(QUESTION) });
  expect(answer.choices[0]?.message.content).toContain(ANSWER);
  const wrong = new OpenAI({ baseURL: model.url, apiKey: 'other', maxRetries: 0 });
  await expect(wrong.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
});

describe('failures', () => {
  test('a 429 with Retry-After is tried again by the client, until it is over', async () => {
    const { model, client } = await start();
    model.script([
      { when: { times: 2 }, behaviour: { name: 'limit', status: 429, retryAfterS: 0.01 } },
    ]);
    const answer = await client.embeddings.create({ model: 'e', input: 'x' }, { maxRetries: 2 });
    expect(answer.data).toHaveLength(1);
    expect(model.hits()).toEqual({ limit: 2 });

    model.script([
      { behaviour: { name: 'down', status: 503, errorCode: 'overloaded', retryAfterS: 7 } },
    ]);
    const error = await client.models.list().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({
      status: 503,
      code: 'overloaded',
      type: 'server_error',
      requestID: expect.stringMatching(/^req_/),
    });
    expect(error.headers.get('retry-after')).toBe('7');
  });

  test('a silent model is given up by the client’s own timeout', async () => {
    const { model, client } = await start();
    model.script([{ behaviour: { name: 'silence', holdHeaders: true } }]);
    const timeout = { timeout: PATIENCE_MS };
    await expect(
      client.chat.completions.create({ model: 'm', messages: ask('x') }, timeout),
    ).rejects.toBeInstanceOf(OpenAI.APIConnectionTimeoutError);
  });

  test('a stream that falls silent is cut by whoever reads it', async () => {
    const { model, client } = await start();
    model.script([{ behaviour: { name: 'silence', silentAfterTokens: 2 } }]);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const stream = await client.chat.completions.create(
      { model: 'm', messages: ask(QUESTION), stream: true },
      { signal },
    );
    let tokens = 0;
    const read = async () => {
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) tokens++;
    };
    // The client ends a stream that is aborted as if it were over, or rejects.
    await read().catch(() => {});
    expect(tokens).toBe(2);
    expect(signal.aborted).toBe(true);
  });

  test('an error in the middle of a stream, a cut event, and a cut connection reach the reader', async () => {
    const { model, client } = await start();
    const read = async (behaviour: object) => {
      model.script([{ behaviour: { name: 'it', ...behaviour } }]);
      const stream = await client.chat.completions.create({
        model: 'm',
        messages: ask(QUESTION),
        stream: true,
      });
      for await (const _ of stream);
    };
    await expect(read({ errorAfterTokens: 2, errorMessage: 'out of memory' })).rejects.toThrow(
      'out of memory',
    );
    await expect(read({ brokenEventAfterTokens: 2 })).rejects.toThrow(SyntaxError);
    await expect(read({ resetAfterTokens: 2 })).rejects.toThrow();
    await expect(read({ hangUp: 'reset' })).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
  });
});
