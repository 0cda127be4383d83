/** Servers nobody here wrote, without a config: each is found out about, run, and passes. */
import { expect, test } from 'vitest';
import { COMMANDS } from '../../harness/cli/commands.ts';
import { messageOf } from '../../harness/platform/errors.ts';
import { loadScenario, scenarioNames } from '../../harness/scenario/catalogue.ts';
import { preparedFolder } from '../../harness/target/started/setup.ts';
import { EXAMPLE_MS, runExample } from '../run-example.test-helper.ts';
import { SERVERS } from './servers.ts';

/** What any server offers that hanglab started and that answers a GET. */
const OFFERED = ['read', 'health', 'restart', 'stop', 'fd-limit', 'temporary-folder', 'bystander'];

async function whyNot(): Promise<string | null> {
  if (!Object.hasOwn(COMMANDS, 'try')) return 'there is no `hanglab try` yet';
  const all = await Promise.all(scenarioNames().map((name) => loadScenario(name)));
  const forReads = all.filter(({ scenario }) =>
    scenario.needs.every((need) => OFFERED.includes(need)),
  );
  return forReads.length > 0 ? null : 'there is no scenario yet for a server that only reads';
}

const reason = await whyNot();

test.for(SERVERS)('try $name', { timeout: EXAMPLE_MS }, async (server, context) => {
  context.skip(reason !== null, reason ?? '');
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
