import { expect, test } from 'vitest';
import { chat } from '../testing/chat.ts';
import { eventually, startTargetHere, type Target } from '../testing/target.ts';

/** 40 messages of 500 characters: 5,000 tokens, more than the model gets. */
async function longSession(target: Target): Promise<string> {
  const messages = Array.from({ length: 40 }, (_, n) => ({
    role: n % 2 === 0 ? 'user' : 'assistant',
    text: `Message ${n}. `.padEnd(500, 'x'),
  }));
  return (await target.post('/api/v1/sessions', { title: 'Long', messages })).body.id;
}

const isSummary = ({ prompt }: { prompt: string }) => prompt.startsWith('Summarise');
const summaries = (target: Target) => target.model.requests.filter(isSummary).length;

test('a long history is summarised after a turn, and the next turn uses the summary', async () => {
  await using target = await startTargetHere();
  target.model.behave((request) =>
    isSummary(request) ? { reply: { text: 'They spoke of x.' } } : null,
  );
  const sessionId = await longSession(target);
  expect(await chat(target.url, 'One.', { sessionId })).toMatchObject({ end: 'done' });
  await eventually(() => summaries(target) === 1 && target.model.inFlight === 0);
  expect(await chat(target.url, 'Two.', { sessionId })).toMatchObject({ end: 'done' });
  const { prompt, roles } = target.model.requests.findLast(({ text }) => text === 'Two.') ?? {};
  expect(prompt).toContain('They spoke of x.');
  expect(prompt).not.toContain('Message 30.');
  expect(roles).toEqual(['system', 'system', 'user', 'assistant', 'user', 'assistant', 'user']);
});

test('a short history is not summarised', async () => {
  await using target = await startTargetHere();
  const { sessionId } = await chat(target.url, 'One.');
  await chat(target.url, 'Two.', { sessionId: sessionId as string });
  expect(summaries(target)).toBe(0);
});

test('the model never gets more than the limit, with or without a summary', async () => {
  await using target = await startTargetHere({ flags: ['--history-tokens', '1000'] });
  target.model.behave((request) => (isSummary(request) ? { status: 400 } : null));
  const sessionId = await longSession(target);
  await chat(target.url, 'One.', { sessionId });
  const { prompt = '' } = target.model.requests.find(({ text }) => text === 'One.') ?? {};
  expect(prompt.length).toBeLessThan(1000 * 4 + 200);
  expect(prompt).toContain('Message 39.');
});

test('a stalled summary delays a turn for a limited time, and is then cancelled', async () => {
  await using target = await startTargetHere({ flags: ['--attempt-ms', '1900'] });
  target.model.behave((request) => (isSummary(request) ? { hold: true } : null));
  const sessionId = await longSession(target);
  await chat(target.url, 'One.', { sessionId });
  await eventually(() => summaries(target) === 1);
  const startedAt = performance.now();
  expect(await chat(target.url, 'Two.', { sessionId })).toMatchObject({ end: 'done' });
  // It waited, but not for as long as the call could have taken.
  expect(performance.now() - startedAt).toBeGreaterThan(300);
  expect(performance.now() - startedAt).toBeLessThan(1900);
  expect(target.model.abandoned).toBe(1);
});
