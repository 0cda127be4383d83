/** Servers nobody here wrote, without a config: each is found out about, run, and passes. */
import { expect, test } from 'vitest';
import { messageOf } from '../../harness/platform/errors.ts';
import { preparedFolder } from '../../harness/target/started/setup.ts';
import { isLong } from '../../harness/testing/long.ts';
import { EXAMPLE_MS, runExample } from '../run-example.test-helper.ts';
import { SERVERS } from './servers.ts';

test.runIf(isLong).for(SERVERS)('try $name', { timeout: EXAMPLE_MS }, async (server, context) => {
  const { setup, command } = server;
  const spec = { command: ['/bin/sh', '-c', setup], configFolder: import.meta.dirname };
  const noGroups = { watchGroup() {}, forgetGroup() {}, signal: new AbortController().signal };
  const cwd = await preparedFolder(spec, noGroups).catch((error: unknown) =>
    context.skip(`it cannot be installed here: ${messageOf(error)}`),
  );
  const args = ['try', '--retry-inconclusive', '3', '--', ...command];
  const { code, json, stderr } = await runExample('try', args, context, { cwd });
  const ran = json.scenarios.filter((each: object) => !('skipped' in each));
  expect(ran.length, stderr).toBeGreaterThan(0);
  expect(
    ran.map(({ verdict }: { verdict: string }) => verdict),
    stderr,
  ).not.toContain('fail');
  expect(ran.map(({ verdict }: { verdict: string }) => verdict)).toContain('pass');
  expect([0, 2]).toContain(code);
});
