import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createModelServer, type ModelServer } from './server.ts';

const DOCUMENT = `# Pumps
The pump starts at dawn and stops at dusk. It is fed by the northern well.

# Valves
Each valve opens in eleven seconds. A stuck valve is reported to the keeper.

# Tanks
The tank holds nine hundred litres. It overflows into the garden.
`;

// For a busy machine; on a quiet one each takes milliseconds.
vi.setConfig({ testTimeout: 30_000 });

let model: ModelServer;
let client: OpenAI;

beforeAll(async () => {
  model = await createModelServer({ seed: 1, pace: { ttftMs: 0, tokensPerSecond: 100_000 } });
  client = new OpenAI({ baseURL: model.url, apiKey: 'any', maxRetries: 0 });
});
afterAll(() => model[Symbol.asyncDispose]());

const ask = (content: string): OpenAI.ChatCompletionMessageParam[] => [
  { role: 'system', content: 'Answer briefly.' },
  { role: 'user', content },
];
const schema = (name: string): OpenAI.ResponseFormatJSONSchema => ({
  type: 'json_schema',
  json_schema: { name, schema: {} },
});

describe('chat', () => {
  test('topics come out of the document, as the schema asks', async () => {
    const answer = await client.chat.completions.create({
      model: 'any-name',
      messages: ask(DOCUMENT),
      response_format: schema('topics'),
    });
    const { topics } = JSON.parse(answer.choices[0]?.message.content ?? '');
    expect(topics.map(({ title }: { title: string }) => title)).toEqual([
      'Pumps',
      'Valves',
      'Tanks',
    ]);
    expect(topics[1].text).toContain('Each valve opens in eleven seconds.');
    expect(answer.model).toBe('any-name');
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage?.completion_tokens).toBeGreaterThan(30);
  });

  test('facts are sentences of the text', async () => {
    const answer = await client.chat.completions.create({
      model: 'm',
      messages: ask('The tank holds nine hundred litres. It overflows into the garden.'),
      response_format: schema('facts'),
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({
      facts: ['The tank holds nine hundred litres.', 'It overflows into the garden.'],
    });
  });

  test('a stream says the same as a whole answer, a token a chunk, with usage at the end', async () => {
    const body = { model: 'm', messages: ask(`${DOCUMENT}\nWhat does the tank hold?`) };
    const whole = await client.chat.completions.create(body);
    const stream = await client.chat.completions.create({
      ...body,
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    const contents = chunks.flatMap(({ choices }) => choices[0]?.delta.content || []);
    expect(contents.join('')).toBe(whole.choices[0]?.message.content);
    expect(contents.join('')).toContain('nine hundred litres');
    expect(contents).toHaveLength(whole.usage?.completion_tokens as number);
    expect(chunks.at(-1)?.usage).toEqual(whole.usage);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
  });

  test('max_tokens cuts the answer and says so', async () => {
    const answer = await client.chat.completions.create({
      model: 'm',
      messages: ask(DOCUMENT),
      max_tokens: 4,
    });
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(4);
  });

  test('text parts are read', async () => {
    const answer = await client.chat.completions.create({
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'text', text: DOCUMENT }] }],
      response_format: schema('topics'),
    });
    expect(answer.choices[0]?.message.content).toContain('northern well');
  });
});

test('two servers with one seed give the same bytes, with another seed another id', async () => {
  const bytes = async (seed: number): Promise<string> => {
    await using server = await createModelServer({ seed });
    const body = { model: 'm', messages: ask(DOCUMENT), stream: true };
    const answer = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return await answer.text();
  };
  const first = await bytes(7);
  expect(first).toContain('data: [DONE]');
  expect(await bytes(7)).toBe(first);
  const ids = (text: string) => new Set(text.match(/chatcmpl-\w+/g));
  const other = await bytes(8);
  expect(ids(other)).not.toEqual(ids(first));
  expect(other.replaceAll(/chatcmpl-\w+/g, '')).toBe(first.replaceAll(/chatcmpl-\w+/g, ''));
});

describe('embeddings', () => {
  test('base64 and float are the same vector, of the dimensions asked for', async () => {
    const body = { model: 'e', input: ['The pump starts', 'The valve opens'], dimensions: 64 };
    // The client asks for base64 when nothing is said, and decodes it.
    const decoded = await client.embeddings.create(body);
    const floats = await client.embeddings.create({ ...body, encoding_format: 'float' });
    expect(decoded.data).toHaveLength(2);
    for (const [i, { embedding, index }] of decoded.data.entries()) {
      expect(index).toBe(i);
      expect(embedding).toHaveLength(64);
      expect(Array.from(embedding, Math.fround)).toEqual(
        Array.from(floats.data[i]?.embedding ?? [], Math.fround),
      );
    }
  });

  test('one string is one vector of 256', async () => {
    const answer = await client.embeddings.create({ model: 'e', input: 'The pump starts' });
    expect(answer.data.map(({ embedding }) => embedding.length)).toEqual([256]);
    expect(answer.usage.prompt_tokens).toBe(3);
  });
});

test('models are listed and had one by one', async () => {
  const ids = (await client.models.list()).data.map(({ id }) => id);
  expect(ids).toContain('hanglab-chat');
  expect((await client.models.retrieve('hanglab-chat')).object).toBe('model');
  await expect(client.models.retrieve('gpt-none')).rejects.toMatchObject({
    status: 404,
    code: 'model_not_found',
  });
});

describe('what is refused', () => {
  const CHAT = '/chat/completions';
  const post = (body: string): RequestInit => ({ method: 'POST', body });
  const missing = (param: string) => ({ param, code: 'missing_required_parameter' });
  const invalid = (param: string | null) => ({ param, code: 'invalid_value' });
  test.each<[what: string, path: string, RequestInit, status: number, error: object]>([
    ['broken JSON', CHAT, post('{"model":'), 400, { param: null, code: null }],
    ['no messages', CHAT, post('{"model":"m"}'), 400, missing('messages')],
    ['no role', CHAT, post('{"model":"m","messages":[{}]}'), 400, missing('messages[0].role')],
    ['empty messages', CHAT, post('{"model":"m","messages":[]}'), 400, invalid('messages')],
    ['no object', '/embeddings', post('[]'), 400, invalid(null)],
    ['no input', '/embeddings', post('{"model":"e"}'), 400, missing('input')],
    ['empty input', '/embeddings', post('{"model":"e","input":[]}'), 400, invalid('input')],
    ['numbers', '/embeddings', post('{"model":"e","input":[1]}'), 400, invalid('input')],
    ['wrong method', '/embeddings', {}, 405, { param: null, code: 'method_not_supported' }],
    ['unknown path', '/nothing/here', post(''), 404, { param: null, code: 'unknown_url' }],
    ['17 MiB', CHAT, post('x'.repeat(17 << 20)), 413, { param: null, code: 'too_large' }],
  ])('%s', async (_what, path, init, status, error) => {
    const answer = await fetch(model.url + path, init);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', ...error },
    });
  });
});
