import { describe, expect, test } from 'vitest';
import { outside } from './fixtures/outside.ts';
import { QUICK } from './fixtures/quick.ts';
import { startFixture } from './fixtures/start.ts';
import { diagnose } from './index.ts';

describe('a healthy server', { timeout: 240_000 }, () => {
  test('looked at ten times under load: no request fails, and nothing is left behind', async () => {
    await using server = await startFixture('healthy');
    const stop = new AbortController();
    const before = outside(server.pid);
    let answered = 0;
    const failed: unknown[] = [];
    const clients = Array.from({ length: 4 }, async () => {
      while (!stop.signal.aborted) {
        try {
          // A connection of its own each time: one that is idle while the process is paused may be closed then.
          const headers = { connection: 'close' };
          const answer = await fetch(`http://127.0.0.1:${server.port}/work`, { headers });
          await answer.text();
          if (answer.status === 200) answered++;
          else failed.push(answer.status);
        } catch (error) {
          failed.push(error);
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    });
    try {
      for (let look = 0; look < 10; look++) {
        const diagnosis = await diagnose({
          ...QUICK,
          pid: server.pid,
          healthUrl: server.healthUrl,
        });
        expect(['live', 'slow-but-live'], diagnosis.sentence).toContain(diagnosis.code);
      }
    } finally {
      stop.abort();
      await Promise.all(clients);
    }
    expect(failed).toEqual([]);
    expect(outside(server.pid)).toEqual(before);
    expect(answered).toBeGreaterThan(100);
  });
});
