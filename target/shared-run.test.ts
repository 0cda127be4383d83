import { expect, test } from 'vitest';
import { sharedRun } from './shared-run.ts';

function gatedRuns() {
  const gates: PromiseWithResolvers<void>[] = [];
  const run = sharedRun(() => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  return { run, gates };
}

const turn = () => new Promise(setImmediate);

test('calls during a run share the next one, and it begins after them', async () => {
  const { run, gates } = gatedRuns();
  const ended: string[] = [];
  run().then(() => ended.push('first'));
  await turn();
  run().then(() => ended.push('second'));
  run().then(() => ended.push('third'));
  await turn();
  expect(gates.length).toBe(1);
  gates[0]?.resolve();
  await turn();
  expect(ended).toEqual(['first']);
  expect(gates.length).toBe(2);
  gates[1]?.resolve();
  await turn();
  expect(ended).toEqual(['first', 'second', 'third']);
});

test('a run that fails fails for those who shared it, not for the next', async () => {
  const { run, gates } = gatedRuns();
  const failing = expect(run()).rejects.toThrow('disk');
  await turn();
  const next = run();
  gates[0]?.reject(new Error('disk'));
  await failing;
  await turn();
  gates[1]?.resolve();
  await next;
});
