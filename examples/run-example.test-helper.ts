/** Runs hanglab in the folder of an example, as its reader would. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';
import { type CliOptions, startCli } from '../harness/cli/start-cli.test-helper.ts';

/** An installation that a slow network takes its time for, and ten pairs of runs on a busy machine. */
export const EXAMPLE_MS = 1_500_000;

export interface ExampleResult {
  code: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: what is expected of it is what the tests are about.
  json: any;
  stderr: string;
}

/** Skips the test, with the reason, where the example cannot be installed: without a network, say. */
export async function runExample(
  name: string,
  args: readonly string[],
  context: TestContext,
  options: CliOptions = {},
): Promise<ExampleResult> {
  const cwd = fileURLToPath(new URL(`${name}/`, import.meta.url));
  const out = mkdtempSync(join(tmpdir(), 'hanglab-example-'));
  const [command = '', ...rest] = args;
  const all = [command, '--json', '--out', out, ...rest];
  await using cli = startCli(all, { cwd, ...options });
  const { code, stdout, stderr } = await cli.exit;
  rmSync(out, { recursive: true, force: true });
  if (/\((setup-failed|no-such-command)\)/.test(stderr)) {
    context.skip(`${name} cannot be installed here: ${stderr.split('\n').slice(-4).join(' ')}`);
  }
  return { code, json: stdout === '' ? null : JSON.parse(stdout), stderr };
}
