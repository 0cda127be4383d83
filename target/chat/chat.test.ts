import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatAnswer, chat } from '../testing/chat.ts';
import type { Behaviour } from '../testing/model.ts';
import { eventually, startTargetHere, type Target } from '../testing/target.ts';

let target: Target;
beforeAll(async () => {
  target = await startTargetHere({ flags: ['--heartbeat-ms', '100', '--idle-ms', '1000'] });
});
afterAll(() => target[Symbol.asyncDispose]());

const say = (message: string, options: Parameters<typeof chat>[2] = {}) =>
  chat(target.url, message, options);

/** The stored session: roles and texts of its messages, and its notes. */
const sessionOf = async ({ sessionId }: ChatAnswer) => {
  const { body } = await target.request(`/api/v1/sessions/${sessionId}`);
  const items = body.items as { role: string; text: string }[];
  return { said: items.map(({ role, text }) => [role, text]), notes: body.notes };
};

const failure = (answer: ChatAnswer) => answer.events.at(-1)?.data.code;

describe('a turn', () => {
  test('is a stream that begins with the session and ends with done', async () => {
    target.model.behave(null);
    const first = await say('Hello there.');
    expect(first).toMatchObject({ status: 200, end: 'done', text: 'You said 12 characters.' });
    expect(first.events[0]).toMatchObject({ event: 'session' });
    const second = await say('And again.', { sessionId: first.sessionId as string });
    expect(await sessionOf(second)).toMatchObject({
      said: [
        ['user', 'Hello there.'],
        ['assistant', 'You said 12 characters.'],
        ['user', 'And again.'],
        ['assistant', 'You said 10 characters.'],
      ],
    });
    expect(target.model.requests.at(-1)?.roles).toEqual(['system', 'user', 'assistant', 'user']);
  });

  test('without an existing session, or without a message, is refused before the stream', async () => {
    for (const sessionId of ['s_000000000000', '../../etc/passwd', '']) {
      const answer = await say('Hello', { sessionId });
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'no-such-session' } } });
    }
    expect((await say('')).status).toBe(400);
  });

  test('in steps: each string is streamed with its path', async () => {
    const text = JSON.stringify({ thoughts: ['One "thing".', 'Two\nthings.'], answer: 'Três.' });
    target.model.behave(() => ({ reply: { text, chunkCharacters: 3, everyMs: 5 } }));
    const answer = await say('Think.', { format: 'steps' });
    const sent: Record<string, string> = {};
    for (const { event, data } of answer.events) {
      if (event === 'delta') sent[data.path] = (sent[data.path] ?? '') + data.text;
    }
    expect(sent).toEqual({
      'thoughts.0': 'One "thing".',
      'thoughts.1': 'Two\nthings.',
      answer: 'Três.',
    });
    expect(answer.events.length).toBeGreaterThan(6);
    expect(answer.end).toBe('done');
    expect(target.model.requests.at(-1)?.schema).toBe('steps');
  });

  test.each([
    'Just text.',
    '[1]',
    '{"answer":3}',
    '{"answer":"unfinished',
  ])('in steps: %s is an error, though it was streamed', async (text) => {
    target.model.behave(() => ({ reply: { text } }));
    const answer = await say('Think.', { format: 'steps' });
    expect(failure(answer)).toBe('model-garbage');
    expect((await sessionOf(answer)).said).toEqual([['user', 'Think.']]);
  });

  test('has heartbeats while the model is silent', async () => {
    target.model.behave(() => ({ delayMs: 700 }));
    const answer = await say('Slowly.');
    expect(answer).toMatchObject({ end: 'done' });
    expect(answer.comments).toBeGreaterThanOrEqual(3);
  });

  test('waits for earlier turns of its session, and for no others', async () => {
    target.model.behave(({ text }) => (text === 'slow' ? { delayMs: 600 } : null));
    const { sessionId } = await say('Begin.');
    const order: string[] = [];
    const noted = async (name: string, turn: Promise<unknown>) => {
      await turn;
      order.push(name);
    };
    const own = { sessionId: sessionId as string };
    const slow = noted('slow', say('slow', own));
    await eventually(() => target.model.requests.at(-1)?.text === 'slow');
    const behind = noted('behind', say('quick', own));
    const beside = noted('beside', say('quick'));
    await Promise.all([slow, behind, beside]);
    expect(order).toEqual(['beside', 'slow', 'behind']);
  });
});

describe('an incomplete answer is an error, and nothing of it is stored', () => {
  const cases: [string, Behaviour, string][] = [
    ['ends in the middle', { endAfter: 1 }, 'model-truncated'],
    ['is closed in the middle', { closeAfter: 1 }, 'model-connection'],
    ['is reset in the middle', { resetAfter: 1 }, 'model-connection'],
    ['falls silent in the middle', { silentAfter: 1 }, 'model-silent'],
    ['is cut by the model', { reply: { finishReason: 'length' } }, 'model-truncated'],
    ['is no answer at all', { garbage: true }, 'model-truncated'],
    ['never begins', { hold: true }, 'model-deadline'],
    ['has heartbeats only', { heartbeatEveryMs: 50 }, 'model-silent'],
    ['is refused', { status: 400 }, 'model-status'],
  ];
  test.each(cases)('it %s', async (_name, behaviour, code) => {
    target.model.behave(() => behaviour);
    const answer = await say('Speak.');
    expect(answer).toMatchObject({ status: 200, end: 'error' });
    expect(failure(answer)).toBe(code);
    expect((await sessionOf(answer)).said).toEqual([['user', 'Speak.']]);
    await eventually(() => target.model.inFlight === 0);
  });

  test('an answer that was streamed in part is not retried', async () => {
    const reply = { text: 'One two three', chunkCharacters: 4, everyMs: 20 };
    target.model.behave(() => ({ closeAfter: 2, reply }));
    const before = target.model.requests.length;
    const answer = await say('Speak.');
    expect(answer).toMatchObject({ text: 'One two ', end: 'error' });
    expect(target.model.requests.length - before).toBe(1);
  });

  test('an answer that has not begun is retried', async () => {
    let first = true;
    target.model.behave(() => {
      const behaviour = first ? { status: 503 } : null;
      first = false;
      return behaviour;
    });
    expect(await say('Speak.')).toMatchObject({ end: 'done' });
  });
});

describe('tools', () => {
  const note = JSON.stringify({ title: 'Milk', text: 'Buy it' });
  const calling =
    (
      name: string,
      whole: string,
      behaviour: Behaviour = {},
    ): Parameters<typeof target.model.behave>[0] =>
    ({ roles }) =>
      roles.at(-1) === 'tool'
        ? null
        : { ...behaviour, reply: { calls: [{ name, arguments: whole }], chunkCharacters: 4 } };

  test('a complete call is executed, and the model gets its result', async () => {
    target.model.behave(calling('add_note', note));
    const answer = await say('Milk!', { tools: ['add_note'] });
    expect(answer.end).toBe('done');
    expect(answer.events.find(({ event }) => event === 'tool')?.data).toMatchObject({
      name: 'add_note',
    });
    const { said, notes } = await sessionOf(answer);
    expect(notes).toMatchObject([{ title: 'Milk', text: 'Buy it' }]);
    expect(said.map(([role]) => role)).toEqual(['user', 'assistant', 'tool', 'assistant']);
    const asked = target.model.requests.at(-1);
    expect(asked?.roles.slice(-3)).toEqual(['user', 'assistant', 'tool']);
    expect(asked?.tools).toEqual(['add_note']);
  });

  test('its arguments are streamed', async () => {
    target.model.behave(calling('add_note', note));
    const answer = await say('Milk!', { tools: ['add_note'] });
    const sent = answer.events.filter(({ data }) => data.path === 'calls.0.text');
    expect(sent.map(({ data }) => data.text).join('')).toBe('Buy it');
  });

  test.each([
    3, 5, 7, 9,
  ])('a call that is cut after %i pieces is never executed', async (pieces) => {
    target.model.behave(calling('add_note', note, { endAfter: pieces }));
    const answer = await say('Milk!', { tools: ['add_note'] });
    expect(answer.end).toBe('error');
    expect(await sessionOf(answer)).toMatchObject({ notes: [], said: [['user', 'Milk!']] });
  });

  test('a finished call whose arguments are not JSON is not executed', async () => {
    target.model.behave(calling('add_note', note.slice(0, -3)));
    const answer = await say('Milk!', { tools: ['add_note'] });
    expect(failure(answer)).toBe('model-garbage');
    expect((await sessionOf(answer)).notes).toEqual([]);
  });

  test.each([
    ['delete_everything', '{}', 'There is no tool'],
    ['add_note', '{"title":3}', 'Not carried out'],
    ['search_documents', '{"query":"anything"}', '[]'],
  ])('%s %s: the model gets the result', async (name, whole, result) => {
    target.model.behave(calling(name, whole));
    const answer = await say('Do it.', { tools: ['add_note', 'search_documents'] });
    expect(answer.end).toBe('done');
    expect(answer.events.find(({ event }) => event === 'tool')?.data.result).toContain(result);
  });

  test('a tool that the client has not offered is not executed', async () => {
    target.model.behave(calling('add_note', note));
    const answer = await say('Milk!', { tools: ['search_documents'] });
    expect(answer.events.find(({ event }) => event === 'tool')?.data.result).toContain('no tool');
    expect((await sessionOf(answer)).notes).toEqual([]);
  });

  test('a model that calls tools without end is stopped', async () => {
    target.model.behave(() => ({ reply: { calls: [{ name: 'add_note', arguments: note }] } }));
    const answer = await say('Milk!', { tools: ['add_note'] });
    expect(failure(answer)).toBe('too-many-rounds');
  });
});
