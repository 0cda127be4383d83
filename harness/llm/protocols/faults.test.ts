/** Every fault reaches every route: each streams in its own form, and is spoiled in its own form. */
import { describe, expect, test, vi } from 'vitest';
import { QUESTION, startModel } from '../clients/model.test-helper.ts';
import { postRaw } from '../raw-client.test-helper.ts';
import type { Behaviour } from '../rules/behaviour.ts';
import type { RouteName } from './endpoint.ts';

// For a busy machine; on a quiet one each takes milliseconds.
vi.setConfig({ testTimeout: 30_000 });

interface Streaming {
  route: RouteName;
  path: string;
  body: object;
  /** What each token of an answer looks like in its stream. */
  token: RegExp;
  /** What ends an answer. */
  end: string;
  /** A sign of life that is no token, by the kind of heartbeat. */
  comment: string;
  emptyDelta: string;
  /** How an error is told in the middle of a stream. */
  error: string;
}

const messages = [{ role: 'user', content: QUESTION }];
const model = 'm';
const STREAMING: Streaming[] = [
  {
    route: 'chat-completions',
    path: '/v1/chat/completions',
    body: { model, messages, stream: true },
    token: /"delta":\{"content":"[^"]/g,
    end: 'data: [DONE]',
    comment: ': keep-alive',
    emptyDelta: '"delta":{}',
    error: 'data: {"error":{"message":"lost"',
  },
  {
    route: 'completions',
    path: '/v1/completions',
    body: { model, prompt: QUESTION, stream: true },
    token: /"text":"[^"]/g,
    end: 'data: [DONE]',
    comment: ': keep-alive',
    emptyDelta: '"text":""',
    error: 'data: {"error":{"message":"lost"',
  },
  {
    route: 'responses',
    path: '/v1/responses',
    body: { model, input: QUESTION, stream: true },
    token: /^event: response\.output_text\.delta$/gm,
    end: 'event: response.completed',
    comment: ': keep-alive',
    emptyDelta: 'event: response.in_progress',
    error: 'event: error\ndata: {"type":"error"',
  },
  {
    route: 'messages',
    path: '/v1/messages',
    body: { model, max_tokens: 100, messages, stream: true },
    token: /"text_delta","text":"[^"]/g,
    end: 'event: message_stop',
    comment: 'event: ping',
    emptyDelta: '"text_delta","text":""',
    error:
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"lost"}}',
  },
  {
    route: 'ollama-chat',
    path: '/api/chat',
    body: { model, messages },
    token: /"content":"[^"]/g,
    end: '"done":true',
    comment: '"content":""',
    emptyDelta: '"content":""',
    error: '{"error":"lost"}',
  },
  {
    route: 'ollama-generate',
    path: '/api/generate',
    body: { model, prompt: QUESTION },
    token: /"response":"[^"]/g,
    end: '"done":true',
    comment: '"response":""',
    emptyDelta: '"response":""',
    error: '{"error":"lost"}',
  },
];

const until = (what: () => unknown) => expect.poll(what, { timeout: 15_000, interval: 10 });
const times = (text: string, part: string): number => text.split(part).length - 1;

describe.each(STREAMING)('$route', (streaming) => {
  const { route, path, body, token, end } = streaming;
  const ask = async (behaviour: Omit<Behaviour, 'name'>) => {
    const server = await startModel();
    server.script([
      { when: { route, operation: 'chat' }, behaviour: { name: 'it', ...behaviour } },
    ]);
    const answer = postRaw(server.port, path, body, { 'anthropic-version': '2023-06-01' });
    return { server, answer, tokens: () => answer.body().match(token)?.length ?? 0 };
  };

  test('whole, without a fault', async () => {
    const { answer, tokens } = await ask({ ttftMs: 0 });
    await until(answer.body).toContain(end);
    expect(tokens()).toBeGreaterThan(5);
  });

  test('held, and let go', async () => {
    const { server, answer } = await ask({ holdHeaders: true });
    await until(() => server.hits().it).toBe(1);
    expect(answer.text()).toBe('');
    server.release();
    await until(answer.body).toContain(end);
  });

  test.each(['comment', 'empty-delta'] as const)('silent but for its %s', async (heartbeat) => {
    const beat = heartbeat === 'comment' ? streaming.comment : streaming.emptyDelta;
    const { answer, tokens } = await ask({ silentAfterTokens: 3, heartbeatEveryMs: 5, heartbeat });
    await until(() => times(answer.body(), beat)).toBeGreaterThan(5);
    expect(tokens()).toBe(3);
    expect(answer.state()).toBe('open');
  });

  test('cut by a FIN, by a reset, and as if it were over', async () => {
    const cut = await ask({ finAfterTokens: 3 });
    await until(cut.answer.state).toBe('fin');
    const reset = await ask({ resetAfterTokens: 3 });
    await until(reset.answer.state).toBe('reset');
    const ended = await ask({ endAfterTokens: 3 });
    await until(ended.answer.chunkSizes).toContain(0);
    for (const { answer, tokens } of [cut, reset, ended]) {
      expect(tokens()).toBe(3);
      expect(answer.body()).not.toContain(end);
    }
  });

  test('dripped by the byte', async () => {
    const { answer } = await ask({ dripEveryMs: 1 });
    await until(() => answer.chunkSizes().length).toBeGreaterThan(20);
    expect(new Set(answer.chunkSizes())).toEqual(new Set([1]));
  });

  test('failed in the middle, and broken in the middle', async () => {
    const failed = await ask({ errorAfterTokens: 3, errorMessage: 'lost' });
    await until(failed.answer.chunkSizes).toContain(0);
    expect(failed.tokens()).toBe(3);
    expect(failed.answer.body()).toContain(streaming.error);
    const broken = await ask({ brokenEventAfterTokens: 3 });
    await until(broken.answer.body).toContain(end);
    const lines = broken.answer
      .body()
      .split('\n')
      .filter((line) => /^(?:data: )?\{/.test(line));
    const unreadable = lines.filter((line) => {
      try {
        JSON.parse(line.replace('data: ', ''));
        return false;
      } catch {
        return true;
      }
    });
    expect(unreadable).toHaveLength(1);
  });
});

test.each<[route: RouteName, path: string, body: object]>([
  ['embeddings', '/v1/embeddings', { model, input: 'x' }],
  ['ollama-embeddings', '/api/embed', { model, input: 'x' }],
  ['rerank', '/v2/rerank', { query: 'x', documents: ['y'] }],
  ['count-tokens', '/v1/messages/count_tokens', { model, messages }],
  ['ollama-models', '/api/show', { model }],
  ['other', '/v1/audio/speech', { model, input: 'x' }],
])('%s is held and cut too', async (route, path, body) => {
  const server = await startModel();
  const behaviour = { name: 'it', holdHeaders: true } as const;
  server.script([{ when: { route }, behaviour }]);
  const version = { 'anthropic-version': '2023-06-01' };
  using held = postRaw(server.port, path, body, version);
  await until(() => server.hits().it).toBe(1);
  expect(held.text()).toBe('');
  server.script([{ when: { route, path }, behaviour: { name: 'reset', resetAfterTokens: 0 } }]);
  using reset = postRaw(server.port, path, body, version);
  await until(reset.state).toBe('reset');
  server.release();
  await until(held.text).toContain('HTTP/1.1');
});
