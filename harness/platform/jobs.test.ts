import { expect, it } from 'vitest';
import { type Job, runJobs } from './jobs.ts';

/** Jobs that write down who runs beside whom, and end when they are let. */
function workshop() {
  const running = new Set<string>();
  const beside = new Map<string, string[]>();
  const begun: string[] = [];
  const job = (name: string, cost: Job<string>['cost'], fails = false): Job<string> => ({
    cost,
    async run() {
      begun.push(name);
      beside.set(name, [...running]);
      for (const other of running) beside.get(other)?.push(name);
      running.add(name);
      // Several turns of the loop: time enough for all that may run beside it to begin.
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      running.delete(name);
      if (fails) throw new Error(`${name} failed`);
      return name;
    },
  });
  return { job, beside, begun, running };
}

it('gives the results in the order of the jobs', async () => {
  const { job } = workshop();
  const jobs = [job('a', 'cpu'), job('b', 'wait'), job('c', 'cpu'), job('d', 'wait')];
  expect(await runJobs(jobs, 2)).toEqual(['a', 'b', 'c', 'd']);
});

it('runs what costs CPU alone, after all that only waits', async () => {
  const { job, beside, begun } = workshop();
  await runJobs([job('a', 'cpu'), job('b', 'wait'), job('c', 'cpu'), job('d', 'wait')], 8);
  expect(begun.slice(2)).toEqual(['a', 'c']);
  expect([beside.get('a'), beside.get('c')]).toEqual([[], []]);
  expect(beside.get('b')).toEqual(['d']);
});

it('never runs more at a time than it may', async () => {
  const { job, beside } = workshop();
  await runJobs(
    Array.from({ length: 6 }, (_, i) => job(`${i}`, 'wait')),
    2,
  );
  expect(beside.get('0')).toEqual(['1']);
  expect(Math.max(...[...beside.values()].map((others) => others.length))).toBeLessThanOrEqual(2);
  expect(beside.size).toBe(6);
});

it('begins nothing after a failure, lets what is under way end, and throws the failure', async () => {
  const { job, begun, running } = workshop();
  const jobs = [job('a', 'wait', true), job('b', 'wait'), job('c', 'wait'), job('d', 'cpu')];
  await expect(runJobs(jobs, 2)).rejects.toThrow('a failed');
  expect(begun).toEqual(['a', 'b']);
  expect(running.size).toBe(0);
});

it('has nothing to do with no jobs', async () => {
  expect(await runJobs([], 3)).toEqual([]);
});
