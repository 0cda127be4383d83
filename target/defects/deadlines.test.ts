import { describe, expect, test } from 'vitest';
import { onBoth } from '../testing/both.ts';
import type { Behaviour } from '../testing/model.ts';
import { documentText, eventually, statusWithin, type Target } from '../testing/target.ts';

/** Three times the declared limit of a request, so that a busy machine does not look like a hang. */
const LIMIT_MS = 6000;

const uploadWhile = (behaviour: Behaviour) => (target: Target) => {
  target.model.behave((request) => (request.schema === 'topics' ? behaviour : null));
  return statusWithin((signal) => target.upload('A', documentText('a'), { signal }), LIMIT_MS);
};

describe.concurrent('calls that nothing ends', () => {
  test.each([
    ['no-attempt-deadline', { silentAfter: 5 }],
    ['longer-timeout', { silentAfter: 5 }],
    ['inactivity-timeout-only', { dripEveryMs: 100 }],
    ['inactivity-timeout-only', { heartbeatEveryMs: 100 }],
  ])('%s: an upload is never answered', async (defect, behaviour) => {
    const result = await onBoth(defect, uploadWhile(behaviour));
    expect(result).toEqual({ healthy: 504, defective: 'hangs' });
  });

  test('inactivity-timeout-only: silence is noticed', async () => {
    const result = await onBoth('inactivity-timeout-only', uploadWhile({ silentAfter: 5 }));
    expect(result).toEqual({ healthy: 504, defective: 504 });
  });

  test('ready-always-green: readiness says nothing of it', async () => {
    const result = await onBoth('ready-always-green', async (target) => {
      const upload = uploadWhile({ silentAfter: 5 });
      const answers = Promise.all([upload(target), upload(target)]);
      const red = () => target.request('/ready').then(({ status }) => status === 503);
      const said = await eventually(red, LIMIT_MS);
      return { said, answers: await answers };
    });
    expect(result.healthy).toEqual({ said: true, answers: [504, 504] });
    expect(result.defective).toEqual({ said: false, answers: ['hangs', 'hangs'] });
  });

  test('inactivity-timeout-only: readiness takes a drip as progress', async () => {
    const experiment = async (target: Target) => {
      target.model.behave(({ link }) => (link === 'embeddings' ? { dripEveryMs: 100 } : null));
      await target.upload('A', documentText('a'));
      const red = () => target.request('/ready').then(({ status }) => status === 503);
      return eventually(red, LIMIT_MS);
    };
    // A healthy server on a busy machine may make no progress for a second.
    const flags = ['--queue-age-ms', '3000'];
    const result = await onBoth('inactivity-timeout-only', experiment, flags);
    expect(result).toEqual({ healthy: true, defective: false });
  });
});
