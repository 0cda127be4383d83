/** The three example servers: healthy as they are, and each of their faults is found by the check that is for it. */
import { describe, expect, test } from 'vitest';
import { isLong } from '../harness/testing/long.ts';
import { EXAMPLE_MS, runExample } from './run-example.test-helper.ts';

const HEALTHY = isLong ? ['fastapi-upload', 'sse-gateway', 'go-proxy'] : ['go-proxy'];

/** Server, variant, scenario, and the check that must fail. */
const ALL_FAULTS = [
  ['fastapi-upload', 'no-deadline', 'model-goes-silent', 'progress-resumes'],
  ['fastapi-upload', 'sync-client', 'model-goes-silent', 'every-request-ends'],
  ['sse-gateway', 'no-idle-deadline', 'silent-mid-stream', 'every-request-ends'],
  ['sse-gateway', 'blocking-render', 'many-streams', 'health'],
  ['go-proxy', 'no-deadline', 'model-silent', 'every-request-ends'],
  ['go-proxy', 'slot-leak', 'model-fails', 'next-request-succeeds'],
] as const;
const FAULTS = ALL_FAULTS.filter(
  ([, variant]) => isLong || variant === 'blocking-render' || variant === 'slot-leak',
);

const RETRY = ['--retry-inconclusive', '4'];

describe('healthy', () => {
  test.for(HEALTHY)('%s passes', { timeout: EXAMPLE_MS }, async (name, context) => {
    const { json, stderr } = await runExample(name, ['run', ...RETRY], context);
    expect(json, stderr).toMatchObject({ schema: 'hanglab.run/1' });
    for (const { verdict, findings } of json.scenarios) {
      expect(verdict, JSON.stringify(findings)).not.toBe('fail');
    }
    expect(json.scenarios.map(({ verdict }: { verdict: string }) => verdict)).toContain('pass');
  });
});

describe('with a fault', () => {
  test.for(FAULTS)(
    '%s %s: %s fails %s',
    { timeout: EXAMPLE_MS },
    async ([name, variant, scenario, check], context) => {
      const args = ['run', scenario, '--variant', variant, ...RETRY];
      const { json, code, stderr } = await runExample(name, args, context);
      expect(json?.scenarios, stderr).toMatchObject([{ name: scenario, verdict: 'fail' }]);
      expect(json.scenarios[0].findings).toContainEqual(
        expect.objectContaining({ check, verdict: 'fail' }),
      );
      expect(code).toBe(1);
    },
  );
});
