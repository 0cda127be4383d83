/** What the server does that no client library asks for: bytes, refusals, headers, ports, control. */
import { expect, test, vi } from 'vitest';
import { DOCUMENT, originOf, QUESTION, startModel } from '../clients/model.test-helper.ts';
import { sendRaw } from '../raw-client.test-helper.ts';
import { createModelServer } from './server.ts';

// For a busy machine; on a quiet one each takes milliseconds.
vi.setConfig({ testTimeout: 30_000 });

const messages = [{ role: 'user', content: QUESTION }];
const post = (url: string, body: object | string, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

test('two servers with one seed give the same bytes, with another seed another id', async () => {
  const bytes = async (seed: number): Promise<string> => {
    await using server = await createModelServer({ seed });
    const answer = await post(`${server.url}/chat/completions`, {
      model: 'm',
      messages,
      stream: true,
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

test('any base URL leads to the same routes', async () => {
  const model = await startModel();
  const origin = originOf(model);
  for (const base of [
    '',
    '/v1',
    '/v1/v1',
    '/openai',
    '/openai/v1',
    '/api/v1',
    '/openai/deployments/d',
    '/v1beta/openai',
  ]) {
    const answer = await post(`${origin}${base}/chat/completions`, { model: 'm', messages });
    expect({ base, status: answer.status }).toEqual({ base, status: 200 });
  }
  expect((await post(`${model.url}/chat/completions/`, { model: 'm', messages })).status).toBe(200);
  expect((await fetch(`${origin}/`)).status).toBe(200);
});

const CHAT = '/chat/completions';
const chat = (over: object) => ({ model: 'm', messages, ...over });
const schema = (strict: boolean, of: unknown) => ({
  response_format: { type: 'json_schema', json_schema: { name: 'n', strict, schema: of } },
});
const object = { type: 'object', properties: { a: { type: 'string' } } };

test.each<[what: string, path: string, body: object | string, status: number, error: object]>([
  ['broken JSON', CHAT, '{"model":', 400, { param: null, code: null }],
  ['no object', '/embeddings', '[]', 400, { param: null, code: 'invalid_type' }],
  [
    'no messages',
    CHAT,
    { model: 'm' },
    400,
    { param: 'messages', code: 'missing_required_parameter' },
  ],
  ['no role', CHAT, { model: 'm', messages: [{}] }, 400, { param: 'messages[0].role' }],
  [
    'empty messages',
    CHAT,
    { model: 'm', messages: [] },
    400,
    { param: 'messages', code: 'empty_array' },
  ],
  [
    'an unknown part',
    CHAT,
    { model: 'm', messages: [{ role: 'user', content: [{ type: 'video' }] }] },
    400,
    { param: 'messages[0].content[0].type' },
  ],
  ['a wrong type', CHAT, chat({ model: 5 }), 400, { param: 'model', code: 'invalid_type' }],
  [
    'an unknown parameter',
    CHAT,
    chat({ temprature: 1 }),
    400,
    { param: 'temprature', code: 'unknown_parameter' },
  ],
  [
    'too hot',
    CHAT,
    chat({ temperature: 3 }),
    400,
    { param: 'temperature', code: 'decimal_above_max_value' },
  ],
  [
    'no tokens',
    CHAT,
    chat({ max_tokens: 0 }),
    400,
    { param: 'max_tokens', code: 'integer_below_min_value' },
  ],
  ['129 choices', CHAT, chat({ n: 129 }), 400, { param: 'n', code: 'integer_above_max_value' }],
  [
    'five stops',
    CHAT,
    chat({ stop: ['a', 'b', 'c', 'd', 'e'] }),
    400,
    { param: 'stop', code: 'array_above_max_length' },
  ],
  [
    'functions',
    CHAT,
    chat({ functions: [] }),
    400,
    { param: 'functions', code: 'unsupported_parameter' },
  ],
  [
    'sound',
    CHAT,
    chat({ modalities: ['text', 'audio'] }),
    400,
    { param: 'modalities[1]', code: 'invalid_value' },
  ],
  ['options of no stream', CHAT, chat({ stream_options: {} }), 400, { param: 'stream_options' }],
  ['top_logprobs alone', CHAT, chat({ top_logprobs: 2 }), 400, { param: 'top_logprobs' }],
  [
    'a choice without tools',
    CHAT,
    chat({ tool_choice: 'required' }),
    400,
    { param: 'tool_choice' },
  ],
  [
    'a tool of no such name',
    CHAT,
    chat({
      tools: [{ type: 'function', function: { name: 'a' } }],
      tool_choice: { type: 'function', function: { name: 'b' } },
    }),
    400,
    { param: 'tool_choice' },
  ],
  [
    'an answer to no call',
    CHAT,
    chat({ messages: [{ role: 'tool', content: 'x', tool_call_id: 'c' }] }),
    400,
    { param: 'messages.[0].role' },
  ],
  [
    'JSON that is not spoken of',
    CHAT,
    chat({ response_format: { type: 'json_object' } }),
    400,
    { param: 'messages' },
  ],
  [
    'a strict schema that is not',
    CHAT,
    chat(schema(true, object)),
    400,
    { param: 'response_format' },
  ],
  ['no schema', CHAT, chat(schema(false, { type: 'strin' })), 400, { code: 'invalid_json_schema' }],
  [
    'a schema of nothing',
    CHAT,
    chat(schema(false, { type: 'integer', minimum: 2, maximum: 1 })),
    400,
    { code: 'invalid_json_schema' },
  ],
  [
    'no input',
    '/embeddings',
    { model: 'e' },
    400,
    { param: 'input', code: 'missing_required_parameter' },
  ],
  ['empty input', '/embeddings', { model: 'e', input: [] }, 400, { param: 'input' }],
  ['an empty string', '/embeddings', { model: 'e', input: [''] }, 400, { param: 'input[0]' }],
  [
    'too many dimensions',
    '/embeddings',
    { model: 'e', input: 'x', dimensions: 5000 },
    400,
    { param: 'dimensions' },
  ],
  [
    'background',
    '/responses',
    { model: 'm', input: 'x', background: true },
    400,
    { param: 'background', code: 'unsupported_parameter' },
  ],
  [
    'a tool of the server',
    '/responses',
    { model: 'm', input: 'x', tools: [{ type: 'web_search' }] },
    400,
    { param: 'tools[0].type', code: 'invalid_value' },
  ],
  ['unknown path', '/nothing/here', '{}', 404, { param: null, code: 'unknown_url' }],
  ['wrong method', '/models', '{}', 405, { param: null, code: 'method_not_supported' }],
  ['33 MiB', CHAT, 'x'.repeat(33 << 20), 413, { param: null, code: 'too_large' }],
])('%s is refused in OpenAI’s words', async (_what, path, body, status, error) => {
  const model = await startModel();
  const answer = await post(model.url + path, body);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
  expect(await answer.json()).toEqual({
    error: {
      message: expect.any(String),
      type: 'invalid_request_error',
      param: null,
      code: expect.toSatisfy(() => true),
      ...error,
    },
  });
});

test.each<
  [what: string, path: string, body: object, headers: Record<string, string>, error: object]
>([
  [
    'Anthropic',
    '/v1/messages',
    { model: 'm', messages },
    { 'anthropic-version': '2023-06-01' },
    {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'max_tokens: Field required' },
    },
  ],
  [
    'Anthropic, no version',
    '/v1/messages',
    { model: 'm', max_tokens: 5, messages },
    {},
    { error: { message: 'anthropic-version: header is required' } },
  ],
  [
    'Anthropic, too hot',
    '/v1/messages',
    { model: 'm', max_tokens: 5, messages, temperature: 2 },
    { 'anthropic-version': '2023-06-01' },
    { error: { message: 'temperature: Input should be less than or equal to 1' } },
  ],
  [
    'Anthropic, more',
    '/v1/messages',
    { model: 'm', max_tokens: 5, messages, n: 2 },
    { 'anthropic-version': '2023-06-01' },
    { error: { message: 'n: Extra inputs are not permitted' } },
  ],
  ['Ollama', '/api/chat', { messages }, {}, { error: 'model is required' }],
  [
    'Cohere and Jina',
    '/v2/rerank',
    { model: 'm', documents: ['a'] },
    {},
    { message: 'invalid request: query is required' },
  ],
])('what %s refuses, in its own words', async (_what, path, body, headers, error) => {
  const model = await startModel();
  const answer = await post(originOf(model) + path, body, headers);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject(error);
});

test('error bodies of rules have each provider’s form', async () => {
  const model = await startModel();
  const origin = originOf(model);
  model.script([{ behaviour: { name: 'down', status: 529, errorMessage: 'later' } }]);
  const answers = await Promise.all(
    ['/v1/chat/completions', '/v1/messages', '/api/chat', '/v1/rerank'].map(async (path) => {
      const body = path.endsWith('rerank')
        ? { query: 'q', documents: ['a'] }
        : { model: 'm', messages, ...(path.endsWith('messages') ? { max_tokens: 5 } : {}) };
      const version = { 'anthropic-version': '2023-06-01' };
      return (await post(origin + path, body, path.endsWith('messages') ? version : {})).json();
    }),
  );
  expect(answers).toEqual([
    { error: { message: 'later', type: 'server_error', param: null, code: null } },
    {
      type: 'error',
      error: { type: 'overloaded_error', message: 'later' },
      request_id: expect.stringMatching(/^req_/),
    },
    { error: 'later' },
    { message: 'later', detail: 'later' },
  ]);
});

test('documents are ranked by how near they are to a query', async () => {
  const model = await startModel();
  const documents = [
    'Valves open.',
    { text: 'The tank overflows into the garden.' },
    'Pumps start.',
  ];
  const body = {
    model: 'm',
    query: 'Where does the tank overflow?',
    documents,
    top_n: 2,
    return_documents: true,
  };
  const { results } = (await (await post(`${model.url}/rerank`, body)).json()) as {
    results: { index: number; relevance_score: number }[];
  };
  expect(results).toHaveLength(2);
  expect(results[0]).toMatchObject({
    index: 1,
    document: { text: 'The tank overflows into the garden.' },
  });
  expect(results[0]?.relevance_score).toBeGreaterThan(results[1]?.relevance_score ?? 1);
});

test('a page in a browser may ask the model, and may not script it', async () => {
  const model = await startModel();
  const origin = 'https://example.com';
  const preflight = await fetch(`${model.url}/chat/completions`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-headers': 'authorization,x-stainless-lang' },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toBe(
    'authorization,x-stainless-lang',
  );
  const answer = await post(`${model.url}/chat/completions`, { model: 'm', messages }, { origin });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  const control = `${originOf(model)}/_hanglab/rules`;
  const refused = await fetch(control, { method: 'PUT', headers: { origin }, body: '[]' });
  expect(refused.status).toBe(403);
  expect(refused.headers.get('access-control-allow-origin')).toBeNull();
  for (const [host, status] of [
    ['rebound.example.com', 403],
    ['localhost', 200],
    ['model:9001', 200],
    ['[::1]:9001', 200],
    ['host.docker.internal:9001', 200],
  ] as const) {
    const head = `GET /_hanglab/rules HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
    using answer = sendRaw(model.port, head);
    await expect.poll(answer.text).toContain(`HTTP/1.1 ${status}`);
  }
});

test('text is as long, and in as many pieces, as the server is configured to send', async () => {
  const model = await startModel({ answers: { answerTokens: 40, tokensPerEvent: 10 } });
  const answer = await post(`${model.url}/chat/completions`, {
    model: 'm',
    messages,
    stream: true,
  });
  const events = (await answer.text()).match(/"content":"[^"]/g) ?? [];
  expect(events).toHaveLength(4);
  const whole = await post(`${model.url}/chat/completions`, { model: 'm', messages });
  expect(await whole.json()).toMatchObject({ usage: { completion_tokens: 40 } });
});

test('the journal lists what is in flight and what has ended, and keeps no text', async () => {
  const model = await startModel({ upstreams: { planner: 0 } });
  const planner = model.upstreams.planner as { url: string };
  model.script([{ when: { upstream: 'planner' }, behaviour: { name: 'held', holdHeaders: true } }]);
  const held = post(`${planner.url}/chat/completions`, { model: 'big', messages });
  await (await post(`${model.url}/embeddings`, { model: 'e', input: DOCUMENT })).text();
  const journal = async () =>
    (await (await fetch(`${originOf(model)}/_hanglab/requests`)).json()) as Record<
      string,
      object[]
    >;
  await expect.poll(async () => (await journal()).inFlight).toMatchObject([{ silent: true }]);
  const { counts, inFlight, ended } = await journal();
  expect(counts).toMatchObject({ inFlight: 1, ended: 1 });
  expect(inFlight?.[0]).toMatchObject({
    upstream: 'planner',
    route: 'chat-completions',
    model: 'big',
    behaviour: 'held',
    status: 0,
    bytes: 0,
  });
  expect(ended?.[0]).toMatchObject({
    upstream: null,
    route: 'embeddings',
    ending: 'complete',
    status: 200,
    bytes: expect.toSatisfy((bytes) => bytes > 1000),
  });
  expect(JSON.stringify([inFlight, ended])).not.toContain('northern well');
  model.release();
  expect((await held).status).toBe(200);
});
