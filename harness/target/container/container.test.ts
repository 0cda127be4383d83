import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../platform/docker-engine.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { readSockets } from '../../platform/procfs/sockets.ts';
import { buildTarget } from '../config/build-target.ts';
import type { ContainerServerConfig, TargetConfig } from '../config/config.ts';
import { problemsOf } from '../config/load-config.ts';
import type { RunningTarget } from '../target.ts';

const FIXTURE = fileURLToPath(new URL('fixture/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'hanglab-container-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const whyNot = await (async (): Promise<string | null> => {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    await openEngine();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
})();

const serverOf = (given: Partial<ContainerServerConfig> = {}): TargetConfig => ({
  server: {
    container: { build: scratch },
    env: { DATA: '${tmp}', UPSTREAM: '${other.url}' },
    ...given,
  },
  upstreams: { other: { at: '127.0.0.1:9' } },
  health: '/health',
});

const watched = new Set<string>();

async function opened(config: TargetConfig, otherPort = 9): Promise<RunningTarget> {
  const folder = mkdtempSync(join(scratch, 'run-'));
  return buildTarget(config, scratch).open({
    port: 0,
    upstreams: { other: { kind: 'service', host: '127.0.0.1', port: otherPort } },
    folder,
    logFile: join(folder, 'target.log'),
    watchGroup() {},
    forgetGroup() {},
    watchContainer: (id) => watched.add(id),
    forgetContainer: (id) => watched.delete(id),
    signal: new AbortController().signal,
  });
}

const containers = (): string =>
  execFileSync('docker', ['ps', '-aq', '--filter', `label=hanglab.target=${process.pid}`], {
    encoding: 'utf8',
  });

const get = async ({ host, port }: RunningTarget, path: string) =>
  (await fetch(`http://${host}:${port}${path}`)).text();

describe.skipIf(whyNot !== null)(`a target in a container${whyNot ? ` (${whyNot})` : ''}`, () => {
  beforeAll(() => {
    cpSync(FIXTURE, scratch, { recursive: true });
    execFileSync('go', ['build', '-o', join(scratch, 'server'), join(scratch, 'server.go')], {
      env: { ...process.env, CGO_ENABLED: '0' },
    });
  }, 120_000);

  test('is reached, reaches its upstreams, and its processes are seen', {
    timeout: 60_000,
  }, async () => {
    const other = createServer((_, response) => response.end('from the other side'));
    await new Promise<void>((go) => other.listen(0, '127.0.0.1', go));
    {
      await using running = await opened(serverOf(), (other.address() as AddressInfo).port);
      expect(await get(running, '/health')).toBe('ok');
      expect(await get(running, '/up')).toBe('from the other side');
      const [pid = 0] = running.processes.pids();
      const { byKind, socketInodes } = readFds(pid);
      expect(byKind.socket).toBeGreaterThan(0);
      const states = readSockets(pid, socketInodes).filter((s) => s.localPort === running.port);
      expect(states.map(({ state }) => state)).toContain('LISTEN');
      expect(await get(running, '/write')).toBe('');
      expect(readFileSync(join(running.folder ?? '', 'written'), 'utf8')).toBe('by the container');
      expect(running.lastLines()).toContain('listening');
      expect(watched.size).toBe(1);
    }
    other.close();
    expect(watched.size).toBe(0);
    expect(containers()).toBe('');
  });

  test('is stopped by its signal, and killed', { timeout: 60_000 }, async () => {
    {
      await using running = await opened(serverOf());
      expect(running.control?.stop()).toBe('SIGTERM');
      expect(await running.exited).toEqual({ code: 0, signal: null });
      await expect.poll(() => running.lastLines()).toContain('stopped in order');
    }
    {
      await using running = await opened(serverOf());
      await running.control?.kill();
      expect(await running.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect(running.processes.pids()).toEqual([]);
    }
    expect(containers()).toBe('');
  });

  test('one that ignores its signal is gone after its grace', { timeout: 60_000 }, async () => {
    const running = await opened(serverOf({ command: 'deaf', stop: { grace: '300ms' } }));
    await running[Symbol.asyncDispose]();
    expect(await running.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(containers()).toBe('');
  });

  test('one that dies at its start says so with its last lines', { timeout: 60_000 }, async () => {
    await expect(opened(serverOf({ command: ['die'] }))).rejects.toMatchObject({
      code: 'target-died-at-start',
      message: expect.stringContaining('exit code 7'),
      problems: ['out of luck'],
    });
    expect(containers()).toBe('');
  });
});

test('what a config says of a container is checked', () => {
  const server = { container: { image: 'x', dockerfile: 'y' } } as never;
  expect(problemsOf({ server })).toEqual([
    expect.stringContaining('server.container: there is no "dockerfile" here'),
  ]);
  const config = serverOf({ command: ['--port', '${prot}'] });
  expect(problemsOf({ ...config, variants: { old: { cwd: '/x' } } })).toEqual([
    'variants.old.cwd: a container has none',
    'server.command: ${prot} is not known. Did you mean "port"?',
  ]);
});
