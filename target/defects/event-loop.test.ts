import { expect, test } from 'vitest';
import { documentText, startTarget, type Target } from '../testing/target.ts';

/** The longest latency of `/health`, requested every 20 ms while `work` runs. */
async function worstHealthMs(target: Target, work: Promise<unknown>): Promise<number> {
  const answers: Promise<{ durationMs: number }>[] = [];
  const timer = setInterval(() => answers.push(target.request('/health')), 20);
  await work;
  clearInterval(timer);
  return Math.max(...(await Promise.all(answers)).map(({ durationMs }) => durationMs));
}

// One after the other: two of these side by side would measure each other.
test.each([
  ['sync-work-on-loop', 80_000, null, 201],
  ['error-rendered-on-loop', 16_000, { status: 400 }, 502],
])('%s: health is late while a request is worked on', async (defect, bytes, behaviour, status) => {
  const worst = async (options: { defect?: string }) => {
    // A limit that is long enough on a busy machine.
    const flags = ['--request-ms', '20000'];
    await using target = await startTarget({ ...options, flags });
    target.model.behave(({ schema }) => (schema === 'topics' ? behaviour : null));
    const upload = target.upload('Large', documentText('large', bytes));
    const worstMs = await worstHealthMs(target, upload);
    expect((await upload).status).toBe(status);
    return worstMs;
  };
  const defectiveMs = await worst({ defect });
  expect(defectiveMs).toBeGreaterThan(400);
  expect(await worst({})).toBeLessThan(defectiveMs / 3);
});
