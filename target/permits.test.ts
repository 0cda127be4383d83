import { expect, test } from 'vitest';
import { permits } from './permits.ts';

const never = new AbortController().signal;

test('no more permits than the limit, and the next in line gets a returned one', async () => {
  const engine = permits(2);
  const first = await engine.acquire(never);
  await engine.acquire(never);
  const order: string[] = [];
  const third = engine.acquire(never).then((permit) => {
    order.push('third');
    return permit;
  });
  const fourth = engine.acquire(never).then(() => order.push('fourth'));
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  expect(engine).toMatchObject({ inUse: 2, waiting: 2 });

  first[Symbol.dispose]();
  const permit = await third;
  await new Promise(setImmediate);
  expect(order).toEqual(['third']);

  permit[Symbol.dispose]();
  await fourth;
  expect(order).toEqual(['third', 'fourth']);
  expect(engine).toMatchObject({ inUse: 2, waiting: 0 });
});

test('who stops waiting leaves the line, with its own reason', async () => {
  const engine = permits(1);
  const held = await engine.acquire(never);
  const impatient = new AbortController();
  const waiting = engine.acquire(impatient.signal);
  const behind = engine.acquire(never);
  impatient.abort(new Error('no more time'));
  await expect(waiting).rejects.toThrow('no more time');
  expect(engine.waiting).toBe(1);
  held[Symbol.dispose]();
  (await behind)[Symbol.dispose]();
  expect(engine).toMatchObject({ inUse: 0, waiting: 0 });
});

test('giving a permit back twice does not make a second one', async () => {
  const engine = permits(1);
  const permit = await engine.acquire(never);
  permit[Symbol.dispose]();
  permit[Symbol.dispose]();
  await engine.acquire(never);
  expect(engine.inUse).toBe(1);
  await expect(engine.acquire(AbortSignal.abort(new Error('full')))).rejects.toThrow('full');
});
