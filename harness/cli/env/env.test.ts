import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { cli } from '../start-cli.test-helper.ts';
import type { Capability } from './capability.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), 'env-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A machine on which nothing is installed, but what a test puts there. */
const BARE = {
  ...{ PATH: folder, HOME: folder, XDG_CACHE_HOME: folder, PLAYWRIGHT_BROWSERS_PATH: folder },
  ...{ CHROME_PATH: '', HANGLAB_TOXIPROXY_BINARY: '' },
};

interface EnvJson {
  schema: string;
  machine: Capability[];
  tools: Capability[];
}

/** A program of that name on the PATH. */
function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

describe('hanglab env', () => {
  it('asks each program, and tells what works, what does not and what is not there', async () => {
    program('py-spy', 'echo py-spy 0.4.0');
    program('dlv', 'echo broken installation >&2; exit 3');
    const { code, stdout } = await cli(['env', '--json'], { env: BARE });
    const { schema, tools, machine } = JSON.parse(stdout) as EnvJson;
    expect({ code, schema }).toEqual({ code: 0, schema: 'hanglab.env/1' });
    expect(Object.fromEntries(tools.map(({ name, ok, found }) => [name, [ok, found]]))).toEqual({
      'toxiproxy-server': [false, 'not found'],
      'Docker engine': [false, 'not found'],
      Go: [false, 'not found'],
      'py-spy': [true, 'py-spy 0.4.0'],
      'eu-stack': [false, 'not found'],
      gdb: [false, 'not found'],
      Delve: [false, 'cannot be used: broken installation'],
      jcmd: [false, 'not found'],
      Chromium: [false, 'not found'],
    });
    expect(machine.find(({ name }) => name === 'Node')?.found).toBe(process.versions.node);
    for (const { hint, servesFor } of [...machine, ...tools])
      expect([hint, servesFor]).not.toContain('');
  });

  it('gives a hint beside what is missing, and only there', async () => {
    const { code, stdout } = await cli(['env'], { env: BARE });
    expect(code).toBe(0);
    expect(stdout).toMatch(/✖ Go +not found .*\n +→ https:\/\/go\.dev\/dl/);
    expect(stdout).toMatch(/✔ Node /);
    expect(stdout).not.toContain('hanglab needs 22.18');
  });
});
