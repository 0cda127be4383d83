import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ModelEvent } from '../delivery/exchange.ts';
import { createModelServer, type ModelServer } from './server.ts';

const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: 'user', content: 'The pump starts at dawn. The valve opens at noon. The tank is full.' },
];
const response_format: OpenAI.ResponseFormatJSONSchema = {
  type: 'json_schema',
  json_schema: { name: 'any', schema: {} },
};

// For a busy machine; on a quiet one each takes milliseconds.
vi.setConfig({ testTimeout: 30_000 });

let model: ModelServer;
let client: OpenAI;
let events: ModelEvent[] = [];

// One for each test: no event of the one before comes late into the next.
beforeEach(async () => {
  events = [];
  const own = events;
  model = await createModelServer({
    seed: 1,
    pace: { ttftMs: 0, tokensPerSecond: 100_000 },
    onEvent: (event) => own.push(event),
  });
  client = new OpenAI({ baseURL: model.url, apiKey: 'any', maxRetries: 0 });
});
afterEach(() => model[Symbol.asyncDispose]());

describe('scripted failures, as the client sees them', () => {
  test('an error status with its body', async () => {
    model.script([{ behaviour: { name: 'down', status: 503, errorCode: 'overloaded' } }]);
    await expect(client.chat.completions.create({ model: 'm', messages })).rejects.toMatchObject({
      status: 503,
      code: 'overloaded',
      type: 'server_error',
    });
    await expect
      .poll(() => events.at(-1))
      .toMatchObject({ ending: 'error-status', status: 503, tokens: 0 });
    expect(model.hits()).toMatchObject({ down: 1 });
  });

  test('the client’s own retries get past a limit for the next two', async () => {
    model.script([
      { when: { times: 2 }, behaviour: { name: 'limit', status: 429, retryAfterS: 0.01 } },
    ]);
    const answer = await client.embeddings.create({ model: 'e', input: 'x' }, { maxRetries: 2 });
    expect(answer.data).toHaveLength(1);
    expect(model.hits()).toMatchObject({ limit: 2 });
    expect(events.filter(({ kind }) => kind === 'model-start')).toHaveLength(3);
  });

  test('retry-after is sent', async () => {
    model.script([{ behaviour: { name: 'limit', status: 429, retryAfterS: 30 } }]);
    const answer = await fetch(`${model.url}/models`);
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(await answer.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  });

  test('a 200 that is not JSON, and one that is not what was asked for', async () => {
    model.script([{ behaviour: { name: 'page', garbage: 'not-json' } }]);
    const page = await fetch(`${model.url}/models`);
    expect(page.status).toBe(200);
    await expect(page.json()).rejects.toThrow(SyntaxError);

    model.script([{ behaviour: { name: 'prose', garbage: 'not-schema' } }]);
    const answer = await client.chat.completions.create({
      model: 'm',
      messages,
      response_format,
    });
    expect(() => JSON.parse(answer.choices[0]?.message.content ?? '')).toThrow(SyntaxError);
    expect((await client.embeddings.create({ model: 'e', input: 'x' })).data).toEqual([]);
  });

  test('an aborted stream is known to have been aborted', async () => {
    model.script([{ behaviour: { name: 'silence', silentAfterTokens: 2 } }]);
    const stream = await client.chat.completions.create({
      model: 'm',
      messages,
      stream: true,
      user: 'document-7',
    });
    const contents: string[] = [];
    await expect(async () => {
      for await (const chunk of stream) {
        contents.push(chunk.choices[0]?.delta.content ?? '');
        if (contents.length === 3) setTimeout(() => stream.controller.abort(), 1);
      }
      throw new Error('ended by abort');
    }).rejects.toThrow('ended by abort');
    await expect
      .poll(() => events.at(-1))
      .toMatchObject({ ending: 'client-closed', status: 200, tokens: 2 });
    expect(events.map(({ kind }) => kind)).toEqual([
      'model-start',
      'model-first-byte',
      'model-silent',
      'model-end',
    ]);
    expect(events[0]).toMatchObject({ operation: 'chat', subject: 'document-7' });
    expect(events[2]).toMatchObject({ behaviour: 'silence' });
  });
});

describe('control over HTTP', () => {
  const base = () => model.url.replace('/v1', '/_hanglab');

  test('rules are set, hits read and silent requests released', async () => {
    const rules = [
      { when: { operation: 'embeddings' }, behaviour: { name: 'h', holdHeaders: true } },
    ];
    const set = await fetch(`${base()}/rules`, { method: 'PUT', body: JSON.stringify(rules) });
    expect(await set.json()).toEqual({ rules: 1 });
    const held = client.embeddings.create({ model: 'e', input: 'x' });
    await expect.poll(() => events.map(({ kind }) => kind)).toContain('model-silent');
    expect(await (await fetch(`${base()}/hits`)).json()).toMatchObject({ h: 1 });
    await fetch(`${base()}/release`, { method: 'POST' });
    expect((await held).data).toHaveLength(1);
  });

  test('bad rules are refused with all problems, and those in force stay', async () => {
    model.script([{ behaviour: { name: 'stays', status: 500 } }]);
    const body = JSON.stringify([{ behaviour: { ttftMs: -1 } }, { whn: {} }]);
    const answer = await fetch(`${base()}/rules`, { method: 'PUT', body });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { message: string } };
    expect(error.message).toContain('rules[0].behaviour.ttftMs');
    expect(error.message).toContain('rules[0].behaviour.name');
    expect(error.message).toContain('Did you mean "when"?');
    expect((await fetch(`${model.url}/models`)).status).toBe(500);
  });
});

test('disposing ends what is in flight, and says so', async () => {
  const seen: ModelEvent[] = [];
  const server = await createModelServer({ seed: 1, onEvent: (event) => seen.push(event) });
  server.script([{ behaviour: { name: 'h', holdHeaders: true } }]);
  const held = fetch(`${server.url}/models`);
  held.catch(() => {});
  await expect.poll(() => seen.map(({ kind }) => kind)).toContain('model-silent');
  await server[Symbol.asyncDispose]();
  await expect(held).rejects.toThrow();
  expect(seen.at(-1)).toMatchObject({ kind: 'model-end', ending: 'shutdown' });
});

test('a port that is taken is named', async () => {
  await expect(createModelServer({ seed: 1, port: model.port })).rejects.toMatchObject({
    code: 'port-busy',
    message: expect.stringContaining(`127.0.0.1:${model.port}`),
  });
});
