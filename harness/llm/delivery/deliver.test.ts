import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { monotonicMs } from '../../platform/clock.ts';
import { postRaw, type RawAnswer, sendRaw } from '../raw-client.test-helper.ts';
import type { Behaviour } from '../rules/behaviour.ts';
import { createModelServer, type ModelServer } from '../server/server.ts';
import type { ModelEvent } from './exchange.ts';

/** Twelve tokens: eleven words and a full stop. */
const SENTENCE = 'one two three four five six seven eight nine ten eleven.';
const TOKENS = 12;

// For a busy machine; on a quiet one each takes milliseconds.
vi.setConfig({ testTimeout: 30_000 });

let model: ModelServer;
let events: ModelEvent[] = [];

// One for each test: no event of the one before comes late into the next.
beforeEach(async () => {
  events = [];
  const own = events;
  model = await createModelServer({
    seed: 1,
    pace: { ttftMs: 0, tokensPerSecond: 2000 },
    onEvent: (event) => own.push(event),
  });
});
afterEach(() => model[Symbol.asyncDispose]());

/** A streamed chat of twelve tokens that meets `behaviour`. */
function stream(behaviour: Omit<Behaviour, 'name'>, over: object = {}): RawAnswer {
  model.script([{ behaviour: { name: 'it', ...behaviour } }]);
  const messages = [{ role: 'user', content: `${SENTENCE}\n\nWhat?` }];
  const request = { model: 'm', stream: true, messages, ...over };
  return postRaw(model.port, '/v1/chat/completions', request);
}

function embeddings(behaviour: Omit<Behaviour, 'name'>): RawAnswer {
  model.script([{ behaviour: { name: 'it', ...behaviour } }]);
  return postRaw(model.port, '/v1/embeddings', { model: 'e', input: SENTENCE, dimensions: 16 });
}

const until = (what: () => unknown) => expect.poll(what, { timeout: 15_000, interval: 10 });
const eventOf = (kind: ModelEvent['kind']) => events.find((event) => event.kind === kind);
const hits = (): number => model.hits().it ?? 0;

describe('cut at exactly the N-th token', () => {
  test.each([
    0,
    1,
    2,
    7,
    TOKENS,
  ])('FIN after %i: nothing more, and our half stays open', async (n) => {
    using answer = stream({ finAfterTokens: n });
    await until(answer.state).toBe('fin');
    expect(answer.tokens()).toHaveLength(n);
    expect(answer.body()).not.toContain('[DONE]');
    expect(answer.chunkSizes()).not.toContain(0);
    await until(() => eventOf('model-end')).toMatchObject({
      ending: 'fin',
      tokens: n,
      status: 200,
    });
    expect(hits()).toBe(1);
    for (let i = 0; i < 3; i++) {
      answer.nudge();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(answer.state()).toBe('fin');
    answer.hangUp();
    await until(answer.closed).toBe(true);
    expect(answer.state()).toBe('fin');
    expect(events.filter(({ kind }) => kind === 'model-end')).toHaveLength(1);
  });

  test.each([0, 1, 7])('RST after %i', async (n) => {
    using answer = stream({ resetAfterTokens: n });
    await until(answer.state).toBe('reset');
    expect(answer.tokens()).toHaveLength(n);
    await until(() => eventOf('model-end')).toMatchObject({ ending: 'reset', tokens: n });
  });

  test.each([0, 1, 7])('silence after %i, whole after release', async (n) => {
    using answer = stream({ silentAfterTokens: n });
    await until(() => eventOf('model-silent')).toMatchObject({ behaviour: 'it' });
    await until(() => answer.tokens().length).toBe(n);
    // Longer than all that is left would take: 12 tokens at 2000 a second.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(answer.tokens()).toHaveLength(n);
    expect(answer.state()).toBe('open');
    expect(eventOf('model-end')).toBeUndefined();
    model.release();
    await until(answer.body).toContain('[DONE]');
    expect(answer.tokens().join('')).toBe(SENTENCE);
    await until(() => eventOf('model-end')).toMatchObject({ ending: 'complete', tokens: TOKENS });
  });

  test('a body that is no stream is cut at its N-th 64 bytes', async () => {
    using answer = embeddings({ finAfterTokens: 3 });
    await until(answer.state).toBe('fin');
    expect(answer.body()).toHaveLength(3 * 64);
    const promised = Number(/content-length: (\d+)/i.exec(answer.text())?.[1]);
    expect(promised).toBeGreaterThan(3 * 64);
    await until(() => eventOf('model-end')).toMatchObject({ ending: 'fin', tokens: 0 });
  });

  test('RST before any byte of the body', async () => {
    using answer = embeddings({ resetAfterTokens: 0 });
    await until(answer.state).toBe('reset');
    expect(answer.body()).toBe('');
    expect(answer.text()).toContain('200 OK');
  });

  test('an answer that ends before its cut has not met the behaviour', async () => {
    using answer = stream({ finAfterTokens: TOKENS + 1 });
    await until(answer.body).toContain('[DONE]');
    await until(() => eventOf('model-end')).toMatchObject({ ending: 'complete' });
    expect(hits()).toBe(0);
  });

  test.each([
    0, 1, 7,
  ])('a message that ends properly after %i, without an answer’s end', async (n) => {
    using answer = stream({ endAfterTokens: n });
    await until(answer.chunkSizes).toContain(0);
    expect(answer.tokens()).toHaveLength(n);
    expect(answer.body()).not.toContain('[DONE]');
    expect(answer.state()).toBe('open');
    await until(() => eventOf('model-end')).toMatchObject({ ending: 'truncated', tokens: n });
    expect(hits()).toBe(1);
  });

  test('so does a body that is no stream: its length is that of what is sent', async () => {
    using answer = embeddings({ endAfterTokens: 2 });
    await until(() => eventOf('model-end')).toMatchObject({ ending: 'truncated', status: 200 });
    await until(answer.body).toHaveLength(2 * 64);
    expect(answer.text()).toMatch(/content-length: 128/i);
  });

  test('an error in the middle of a stream, and none in a body that is no stream', async () => {
    using answer = stream({ errorAfterTokens: 2, errorMessage: 'lost', errorCode: 'gone' });
    await until(answer.chunkSizes).toContain(0);
    expect(answer.body()).toContain('data: {"error":{"message":"lost"');
    expect(answer.body()).not.toContain('[DONE]');
    await until(() => eventOf('model-end')).toMatchObject({ ending: 'error-status', tokens: 2 });
    using whole = embeddings({ errorAfterTokens: 2 });
    await until(whole.body).toMatch(/\}\}$/);
    expect(hits()).toBe(1);
  });

  test('one event is broken, and the answer goes on after it', async () => {
    using answer = stream({ brokenEventAfterTokens: 3 });
    await until(answer.body).toContain('[DONE]');
    const events = answer
      .body()
      .split('\n\n')
      .filter((event) => event.startsWith('data: {'));
    const broken = events.flatMap((event, i) => {
      try {
        JSON.parse(event.slice('data: '.length));
        return [];
      } catch {
        return [i];
      }
    });
    // The event that opens the message, three tokens, and then this one.
    expect(broken).toEqual([4]);
    expect(hits()).toBe(1);
  });

  test.each(['fin', 'reset'] as const)('no byte of an answer, and then %s', async (hangUp) => {
    using answer = stream({ hangUp });
    await until(answer.state).toBe(hangUp);
    expect(answer.text()).toBe('');
    await until(() => eventOf('model-end')).toMatchObject({
      ending: hangUp,
      status: 0,
      bytes: 0,
    });
  });

  test('a close-delimited answer has no framing that shows that it was cut', async () => {
    using whole = stream({ closeDelimited: true });
    await until(whole.state).toBe('fin');
    expect(whole.text()).not.toMatch(/transfer-encoding|content-length/i);
    expect(whole.body()).toContain('[DONE]');
    using cut = stream({ closeDelimited: true, finAfterTokens: 4 });
    await until(cut.state).toBe('fin');
    expect(cut.tokens()).toHaveLength(4);
    using unstreamed = embeddings({ closeDelimited: true });
    await until(unstreamed.state).toBe('fin');
    expect(unstreamed.text()).not.toMatch(/transfer-encoding|content-length/i);
    expect(JSON.parse(unstreamed.body()).data).toHaveLength(1);
  });
});

describe('held headers', () => {
  test('no byte comes until release', async () => {
    using answer = stream({ holdHeaders: true });
    await until(() => eventOf('model-silent')).toBeDefined();
    expect(eventOf('model-first-byte')).toBeUndefined();
    expect(answer.text()).toBe('');
    model.release();
    await until(answer.body).toContain('[DONE]');
  });

  test('healing is for new requests: one that is held stays held', async () => {
    using held = stream({ holdHeaders: true });
    await until(() => eventOf('model-silent')).toBeDefined();
    model.script([]);
    using next = postRaw(model.port, '/v1/embeddings', { model: 'e', input: 'x' });
    await until(next.text).toContain('200 OK');
    expect(held.text()).toBe('');
  });

  test.each([
    'hangUp',
    Symbol.dispose,
  ] as const)('a client that goes away (%s) is noticed', async (leave) => {
    using answer = stream({ holdHeaders: true });
    await until(() => eventOf('model-silent')).toBeDefined();
    answer[leave]();
    await until(() => eventOf('model-end')).toMatchObject({ ending: 'client-closed', bytes: 0 });
  });
});

test('nothing ends by itself: neither a silent answer, nor an idle connection, nor half a request', {
  timeout: 30_000,
}, async () => {
  using silent = stream({ holdHeaders: true });
  await until(() => eventOf('model-silent')).toBeDefined();
  model.script([]);
  using idle = postRaw(model.port, '/v1/embeddings', { model: 'e', input: 'x' });
  await until(idle.body).toMatch(/\}\}$/);
  using half = sendRaw(model.port, 'POST /v1/embeddings HTTP/1.1\r\nhost: model\r\n');
  // Node's own server ends an idle connection after six seconds.
  await new Promise((resolve) => setTimeout(resolve, 9_000));
  for (const answer of [silent, idle, half]) expect(answer.state()).toBe('open');
  expect(idle.text()).not.toMatch(/keep-alive: timeout/i);
  half.send('content-length: 23\r\n\r\n{"model":"e","input":"x"}'.slice(0, -2));
  idle.send('GET /v1/models HTTP/1.1\r\nhost: model\r\n\r\n');
  await until(idle.text).toContain('hanglab-chat');
  model.release();
  await until(silent.body).toContain('[DONE]');
});

describe('signs of life without content', () => {
  test.each([
    ['comment', ': keep-alive\n\n'],
    ['empty-delta', '"delta":{}'],
  ] as const)('%s, for ever', async (heartbeat, sign) => {
    using answer = stream({ silentAfterTokens: 2, heartbeatEveryMs: 5, heartbeat });
    await until(() => answer.body().split(sign).length - 1).toBeGreaterThan(5);
    expect(answer.tokens()).toHaveLength(2);
    await until(() => eventOf('model-silent')).toBeDefined();
    model.release();
    await until(answer.body).toContain('[DONE]');
    expect(answer.tokens().join('')).toBe(SENTENCE);
  });

  test('white space before a JSON body, which stays JSON', async () => {
    using answer = embeddings({ heartbeatEveryMs: 5 });
    await until(answer.body).toMatch(/^\n{5}/);
    model.release();
    await until(answer.chunkSizes).toContain(0);
    expect(JSON.parse(answer.body()).data).toHaveLength(1);
  });
});

describe('pace', () => {
  test('a drip is one byte at a time, and the rest at once on release', async () => {
    using answer = stream({ dripEveryMs: 1 });
    await until(() => answer.chunkSizes().length).toBeGreaterThan(20);
    expect(new Set(answer.chunkSizes())).toEqual(new Set([1]));
    model.release();
    await until(answer.body).toContain('[DONE]');
    expect(answer.tokens().join('')).toBe(SENTENCE);
    await until(() => eventOf('model-end')).toMatchObject({ ending: 'complete', tokens: TOKENS });
  });

  test('a drip takes at least its time', async () => {
    const startMs = monotonicMs();
    using answer = embeddings({ dripEveryMs: 2 });
    await until(answer.body).toMatch(/\}\}$/);
    const bytes = answer.body().length;
    expect(bytes).toBeGreaterThan(200);
    expect(monotonicMs() - startMs).toBeGreaterThan(bytes * 2 * 0.7);
  });

  test('the first byte waits for ttftMs, and tokens come at their rate', async () => {
    using answer = stream({ ttftMs: 150, tokensPerSecond: 50 });
    await until(answer.body).toContain('[DONE]');
    await until(() => eventOf('model-end')).toBeDefined();
    const [start, first, end] = events.map(({ atMs }) => atMs) as [number, number, number];
    // Timers may fire late on a busy machine, never early by more than their own millisecond.
    expect(first - start).toBeGreaterThan(145);
    expect(end - first).toBeGreaterThan(((TOKENS - 1) * 1000) / 50 - 5);
  });

  test('a fast pace holds without a timer a token', async () => {
    const long = `${Array.from({ length: 300 }, (_, i) => `w${i}`).join(' ')}.`;
    model.script([{ behaviour: { name: 'it', tokensPerSecond: 20_000 } }]);
    const messages = [{ role: 'user', content: `${long}\n\nWhat?` }];
    const request = { model: 'm', stream: true, messages };
    using answer = postRaw(model.port, '/v1/chat/completions', request);
    await until(answer.body).toContain('[DONE]');
    const tokens = answer.tokens().length;
    expect(tokens).toBeGreaterThan(300);
    expect(answer.chunkSizes().length).toBeLessThan(tokens / 10);
  });
});

test('bytes are all that went over the wire, head and framing included', async () => {
  using answer = stream({ closeDelimited: true });
  await until(answer.state).toBe('fin');
  await until(() => eventOf('model-end')).toMatchObject({
    bytes: Buffer.byteLength(answer.text()),
    status: 200,
  });
});
