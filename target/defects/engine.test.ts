import { describe, expect, test } from 'vitest';
import { onBoth } from '../testing/both.ts';
import { documentText, statusWithin, type Target } from '../testing/target.ts';

describe.concurrent('permits', () => {
  test('cascade-takes-engine-permit: the third to sixth upload hangs, and the model is idle', async () => {
    const result = await onBoth('cascade-takes-engine-permit', async (target) => {
      const statuses: (number | 'hangs')[] = [];
      for (let n = 0; n < 7 && statuses.at(-1) !== 'hangs'; n++) {
        const text = documentText(`n${n}`);
        statuses.push(
          await statusWithin((signal) => target.upload(`${n}`, text, { signal }), 3000),
        );
      }
      const before = (await target.counts()).rows;
      const health = await target.request('/health');
      await new Promise((resolve) => setTimeout(resolve, 300));
      const stuck = before.indexed === (await target.counts()).rows.indexed && before.pending > 0;
      return { statuses, stuck, health: health.status, calls: target.model.inFlight };
    });
    expect(result.healthy).toMatchObject({ stuck: false, health: 200 });
    expect(result.healthy.statuses).toEqual([201, 201, 201, 201, 201, 201, 201]);
    expect(result.defective).toMatchObject({ stuck: true, health: 200, calls: 0 });
    expect(result.defective.statuses).toEqual([201, 201, 201, 201, 201, 'hangs']);
  });

  test('permit-held-across-retries: two uploads in back-off keep all others out', async () => {
    const result = await onBoth('permit-held-across-retries', async (target) => {
      target.model.behave(({ schema, text }) =>
        schema === 'topics' && text.includes('limited') ? { status: 503, retryAfterS: 30 } : null,
      );
      const upload = (marker: string) =>
        statusWithin((signal) => target.upload(marker, documentText(marker), { signal }), 3000);
      const limited = [upload('limited'), upload('limited')];
      const other = await upload('other');
      return { other, limited: await Promise.all(limited) };
    });
    expect(result.healthy).toEqual({ other: 201, limited: [502, 502] });
    expect(result.defective.other).not.toBe(201);
  });

  test('health-behind-engine: liveness waits in line with the uploads', async () => {
    const result = await onBoth('health-behind-engine', async (target) => {
      target.model.behave(({ schema }) => (schema === 'topics' ? { delayMs: 500 } : null));
      const uploads = [1, 2, 3, 4].map((n) => target.upload(`${n}`, documentText(`n${n}`)));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { durationMs } = await target.request('/health');
      return { durationMs, statuses: (await Promise.all(uploads)).map(({ status }) => status) };
    });
    expect(result.healthy.statuses).toEqual([201, 201, 201, 201]);
    expect(result.defective.statuses).toEqual([201, 201, 201, 201]);
    expect(result.defective.durationMs).toBeGreaterThan(500);
    expect(result.healthy.durationMs).toBeLessThan(result.defective.durationMs / 3);
  });

  test('queue-unbounded: nothing is ever refused', async () => {
    const experiment = async (target: Target) => {
      target.model.behave(({ link }) => (link === 'embeddings' ? { hold: true } : null));
      const refused = [];
      for (let n = 0; n < 4; n++) {
        const answer = await target.upload(`${n}`, documentText(`n${n}`));
        if (answer.status === 503) refused.push(answer.headers.get('retry-after'));
      }
      return refused;
    };
    const result = await onBoth('queue-unbounded', experiment, ['--queue-rows', '6']);
    expect(result).toEqual({ healthy: ['1', '1'], defective: [] });
  });
});
