import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startTarget } from '../testing/target.ts';

const run = promisify(execFile);
const TOOL = ['uvx', 'schemathesis>=4,<5'] as const;
const EXAMPLES = 15;
const LIMIT_MS = 60_000;

/** Why the tool cannot run here; null when it can. The first call downloads it. */
async function whyNot(): Promise<string | null> {
  const [command, ...args] = TOOL;
  return run(command, [...args, '--version'], { timeout: LIMIT_MS }).then(
    () => null,
    (error) => `schemathesis cannot be run by uv: ${String(error).split('\n')[0]}`,
  );
}

test(
  'schemathesis finds no answer that the description does not allow',
  async ({ skip }) => {
    const reason = await whyNot();
    if (reason !== null) skip(reason);
    await using target = await startTarget();
    const cwd = await mkdtemp(join(tmpdir(), 'hanglab-schemathesis-'));
    const [command, ...args] = TOOL;
    const options = ['--max-examples', String(EXAMPLES), '--seed', '1', '--no-color'];
    const report = await run(command, [...args, 'run', `${target.url}/openapi.json`, ...options], {
      cwd,
      timeout: LIMIT_MS,
    }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }) => ({ code, stdout }),
    );
    await rm(cwd, { recursive: true });
    expect(report.code, report.stdout).toBe(0);
    expect(report.stdout).toMatch(/Operations:\s+17 selected \/ 17 total/);
    expect(report.stdout).toMatch(/[1-9]\d\d+ generated/);
  },
  3 * LIMIT_MS,
);
