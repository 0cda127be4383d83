/** Released versions of gunicorn, compared: what a person would have been told before upgrading. */
import { expect, test } from 'vitest';
import { isLong } from '../../harness/testing/long.ts';
import { EXAMPLE_MS, runExample } from '../run-example.test-helper.ts';

test.runIf(isLong)(
  'from 23.0.0 to 24.1.1 one thing is fixed and one is broken',
  {
    timeout: EXAMPLE_MS,
  },
  async (context) => {
    const args = ['compare', '--a', '23.0.0', '--b', '24.1.1'];
    const { json, code, stderr } = await runExample('gunicorn', args, context);
    expect(json?.scenarios, stderr).toMatchObject([
      {
        name: 'silent-clients',
        outcome: 'broken',
        a: { verdict: 'pass' },
        // For as long as they stay.
        b: { verdict: 'fail', outage: { ended: 'after the heal' } },
      },
      {
        name: 'clients-leave',
        outcome: 'fixed',
        a: { verdict: 'fail', outage: { ended: 'never' } },
        b: { verdict: 'pass' },
      },
    ]);
    expect(code).toBe(1);
  },
);

test.runIf(isLong)(
  'from 25.1.0 to 25.2.0 silent clients hold it for 5 s at most',
  {
    timeout: EXAMPLE_MS,
  },
  async (context) => {
    const args = ['compare', 'silent-clients', '--a', '25.1.0', '--b', '25.2.0'];
    const { json, code, stderr } = await runExample('gunicorn', args, context);
    expect(json?.scenarios, stderr).toMatchObject([
      {
        outcome: 'fixed',
        a: { outage: { ended: 'after the heal' } },
        b: { outage: { ended: 'before the heal' } },
      },
    ]);
    const { longestMs } = json.scenarios[0].b.outage;
    expect(longestMs).toBeGreaterThan(4000);
    expect(longestMs).toBeLessThan(6000);
    expect(code).toBe(0);
  },
);
