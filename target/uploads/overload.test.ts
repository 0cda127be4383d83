import { expect, test } from 'vitest';
import { documentText, eventually, startTargetHere, type Target } from '../testing/target.ts';

const heldTopics = (target: Target) =>
  target.model.behave(({ schema }) => (schema === 'topics' ? { hold: true } : null));

test('beyond its places an upload is refused at once, and the places come back', async () => {
  await using target = await startTargetHere({ flags: ['--uploads-at-once', '2'] });
  heldTopics(target);
  const inside = [1, 2].map((n) => target.upload(`${n}`, documentText(`n${n}`)));
  await eventually(() => target.model.inFlight === 2);
  const refused = await target.upload('third', documentText('third'));
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'too-many-uploads' } } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  for (const { status } of await Promise.all(inside)) expect(status).toBe(504);
  target.model.behave(null);
  expect((await target.upload('fourth', documentText('fourth'))).status).toBe(201);
});

test('with the queue full an upload is refused before the model is asked, until rows are done', async () => {
  await using target = await startTargetHere({ flags: ['--queue-rows', '3'] });
  target.model.behave(({ link }) => (link === 'embeddings' ? { hold: true } : null));
  expect((await target.upload('first', documentText('first'))).status).toBe(201);
  const asked = () => target.model.requests.filter(({ schema }) => schema === 'topics').length;
  const before = asked();
  const refused = await target.upload('second', documentText('second'));
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'queue-full' } } });
  expect(asked()).toBe(before);
  target.model.behave(null);
  const accepted = async () => (await target.upload('again', documentText('again'))).status === 201;
  expect(await eventually(accepted)).toBe(true);
});

test('searches have their own way to the model: silent uploads do not hold them up', async () => {
  await using target = await startTargetHere();
  heldTopics(target);
  const uploads = [1, 2, 3].map((n) => target.upload(`${n}`, documentText(`n${n}`)));
  await eventually(() => target.model.inFlight === 2);
  const search = await target.search('anything');
  expect(search.status).toBe(200);
  expect((await Promise.race(uploads)).durationMs).toBeGreaterThan(search.durationMs);
});
