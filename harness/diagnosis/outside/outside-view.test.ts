import { beforeAll, describe, expect, test } from 'vitest';
import { type Observation, observe } from './observe.ts';
import { viewFromOutside } from './outside-view.ts';

let ourselves: Observation;

beforeAll(async () => {
  ourselves = (await observe(process.pid, { windowMs: 300 }))!;
});

describe('a first thread that seldom sleeps', () => {
  test.each([
    ['runs and answers', { ran: 0.9, queued: 0 }, 3, 'saturated-but-live'],
    ['runs whenever it has a core', { ran: 0.5, queued: 0.48 }, 3, 'saturated-but-live'],
    ['has time left, but seldom a core', { ran: 0.49, queued: 0.39 }, 3, 'live'],
    ['has no core, and does not answer', { ran: 0.49, queued: 0.39 }, 0, 'event-loop-blocked'],
  ] as const)('%s', (_, { ran, queued }, answered, code) => {
    const seen = {
      ...ourselves,
      states: { R: ran + queued, S: 1 - ran - queued },
      ...{ mainShare: ran, queuedShare: queued, stealShare: 0, systemShare: 0.2 },
      ...{ busyWorkers: 0, health: { asked: 3, answered, worstMs: 5, controlMs: 5, status: 200 } },
    };
    expect(viewFromOutside(seen).code).toBe(code);
  });
});
