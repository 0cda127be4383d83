/** `hanglab diagnose` as a person types it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  type Fixture,
  fixtureFile,
  startFixture,
  startServer,
} from '../../diagnosis/fixtures/start.ts';
import { freePort } from '../../diagnosis/fixtures/users.ts';
import { readListeners } from '../../platform/procfs/listeners.ts';
import { type CliOptions, cli, type Exit, startCli, until } from '../start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), 'cli-diagnose-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const recorded = (name: string) =>
  join(import.meta.dirname, `../../diagnosis/fixtures/facts/${name}.json`);

describe('bad input: exit 3, and nothing is done to the process', () => {
  let server: Fixture;
  beforeAll(async () => {
    server = await startFixture('healthy');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const refused = async (...args: string[]): Promise<string> => {
    const exit = await cli(['diagnose', ...args]);
    expect(exit.code, exit.stderr).toBe(3);
    expect(exit.stdout).toBe('');
    expect(exit.stderr).not.toMatch(/^\s+at \S/m);
    expect(readListeners(server.pid)).toHaveLength(1);
    return exit.stderr;
  };

  test('nothing listens at the health URL', async () => {
    const url = `http://127.0.0.1:${await freePort()}/health`;
    const stderr = await refused('--pid', String(server.pid), '--health', url);
    expect(stderr).toMatch(/nothing listens there \(ECONNREFUSED\)/);
    expect(stderr).toContain(`listens on port ${server.port}`);
    expect(stderr).toContain('(health-unreachable)');
  });

  test.each([
    'https://example.com/',
    'http://127.example.invalid/health',
    'http://localhost.evil.com/',
    'http://localhost@evil.com/',
    'http://127.0.0.1:99999/',
    'ftp://127.0.0.1/',
    'health',
  ])('%s is no health URL of this machine', async (url) => {
    expect(await refused('--pid', String(server.pid), '--health', url)).toMatch(
      /expected a URL on this machine/,
    );
  });

  test('a number alone is answered with the command that was meant', async () => {
    expect(await refused(String(server.port))).toContain(
      `Did you mean hanglab diagnose --port ${server.port}?`,
    );
    const pid = await refused(String(server.pid));
    expect(pid).toContain(`hanglab diagnose --pid ${server.pid}`);
    expect(await refused('server')).toContain('expected --pid N or --port P');
  });

  test('every problem at once', async () => {
    const stderr = await refused('--port', 'x', '--health', 'y', '--request-limit', 'soon');
    for (const part of ['--port x', '--health y', '--request-limit: "soon"']) {
      expect(stderr).toContain(part);
    }
  });

  test('a file of facts that is none, or beside a process', async () => {
    const file = join(folder, 'none.json');
    writeFileSync(file, '{"schema":"hanglab.run/1"}');
    expect(await refused('--facts', file)).toMatch(/its schema is "hanglab.run\/1"/);
    writeFileSync(file, '{"schema":"hanglab.facts/1","processes":[{}],"asked":{},"hints":{}}');
    expect(await refused('--facts', file)).toMatch(/it is not whole/);
    const broken = readFileSync(recorded('healthy'), 'utf8').replace('"sockets": [', '"other": [');
    writeFileSync(file, broken);
    expect(await refused('--facts', file)).toMatch(/cannot be judged/);
    expect(await refused('--facts', join(folder, 'absent.json'))).toMatch(/ENOENT/);
    expect(await refused('--facts', file, '--pid', '1')).toMatch(/goes with no process/);
  });
});

describe.concurrent('a server that hangs', () => {
  test('is named, its facts are kept, and judged again they say the same', async () => {
    await using server = await startFixture('deadlocked-semaphore');
    for (let i = 0; i < 2; i++) server.ask(`/request-${i}`);
    const file = join(folder, 'facts.json');
    const args = ['--port', String(server.port), '--health', server.healthUrl, '--json'];
    const exit = await cli(['diagnose', ...args, '--save-facts', file]);
    expect(exit.code, exit.stderr).toBe(1);
    expect(JSON.parse(exit.stdout)).toMatchObject({ code: 'deadlock', pid: server.pid });
    expect(exit.stderr).toMatch(/^watching process \d+ from outside \.\.\.$/m);
    expect(exit.stderr).toMatch(/^taking a heap snapshot .* \.\.\.$/m);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await cli(['diagnose', '--facts', file, '--json']);
    expect(again).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(exit.stdout));
  });

  test('has its real path told from a folder that shares a part of its name', async () => {
    const elsewhere = mkdtempSync(join('/var/tmp', 'diagnose-'));
    try {
      const file = join(elsewhere, 'server.mjs');
      const source = readFileSync(fixtureFile('abandoned-lock'), 'utf8');
      const serve = new URL('serve.mjs', `file://${fixtureFile('abandoned-lock')}`).pathname;
      writeFileSync(file, source.replace('./serve.mjs', serve));
      await using server = await startServer(file, [process.execPath, file]);
      for (let i = 0; i < 2; i++) server.ask(`/request-${i}`);
      const { code, stdout } = await cli(['diagnose', '--pid', String(server.pid)], {
        cwd: '/tmp',
      });
      expect(code, stdout).toBe(1);
      expect(stdout).toContain(`(${file}:`);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  test('has closed its listener, and has clients still: its health URL is no mistake then', async () => {
    const script = `
      import { createServer } from 'node:http';
      const server = createServer((request, response) => {
        if (request.url === '/events') response.write('hello');
        else response.end('ok', () => server.close());
      }).listen(0, '127.0.0.1', () => console.log(server.address().port));`;
    const file = join(folder, 'closing.mjs');
    writeFileSync(file, script);
    await using server = await startServer(file, [process.execPath, file]);
    const events = await fetch(`http://127.0.0.1:${server.port}/events`);
    await (await fetch(`http://127.0.0.1:${server.port}/close`)).text();
    await until(() => readListeners(server.pid).length === 0, 10_000);
    const args = ['diagnose', '--pid', String(server.pid), '--health', server.healthUrl];
    const { code, stdout, stderr } = await cli(args);
    expect(code, stderr).not.toBe(3);
    expect(stdout).toContain('nothing listens at the health path (ECONNREFUSED)');
    await events.body?.cancel();
  });
});

describe.concurrent('a server', () => {
  test.each([404, 500])('a server whose health path answers %i lives', async (status) => {
    const file = join(folder, `answers-${status}.mjs`);
    writeFileSync(
      file,
      `import { createServer } from 'node:http';
     const server = createServer((_, response) => response.writeHead(${status}).end())
       .listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    );
    await using server = await startServer(file, [process.execPath, file]);
    const url = server.healthUrl;
    const exit = await cli(['diagnose', '--pid', String(server.pid), '--health', url]);
    expect(exit.code, exit.stdout).toBe(0);
  });

  test('Ctrl-C in the middle: 130, and the process is left as it was found', async () => {
    await using server = await startFixture('deadlocked-semaphore');
    server.ask('/request-0');
    await using started = startCli(['diagnose', '--pid', String(server.pid)]);
    await started.said('heap snapshot');
    started.send('SIGINT');
    expect(await started.exit).toMatchObject({ code: 130, stdout: '' });
    await until(() => readListeners(server.pid).length === 1, 15_000);
    expect((await fetch(server.healthUrl)).status).toBe(200);
  });
});

describe('on a terminal', () => {
  test('lines end between words, and nothing of a target commands it', async () => {
    const facts = readFileSync(recorded('deadlocked-semaphore'), 'utf8');
    const file = join(folder, 'hostile.json');
    writeFileSync(file, facts.replaceAll('"indexRow"', '"index\\u001b[2JRow\\u009b"'));
    const { code, stdout: coloured } = await onTerminal(['diagnose', '--facts', file], 72);
    expect(code).toBe(1);
    expect(coloured).toContain('\u001b[31mdeadlock\u001b[39m');
    const stdout = coloured.replaceAll(/\u001b\[\d{1,2}m/g, '');
    expect(stdout).not.toMatch(/[\u001b\u009b]/);
    expect(stdout).toContain('index?[2JRow?');
    const lines = stdout.split(/\r?\n/);
    const long = lines.filter((line) => line.length > 72);
    // Only a word that is longer than the line is.
    for (const line of long) expect(line.trim()).not.toContain(' ');
    expect(lines.some((line) => /^ {2,}\S/.test(line))).toBe(true);
  });

  test('NO_COLOR is heeded', async () => {
    const file = recorded('deadlocked-semaphore');
    const { stdout } = await onTerminal(['diagnose', '--facts', file], 72, {
      env: { NO_COLOR: '1' },
    });
    expect(stdout).toContain('deadlock: ');
    expect(stdout).not.toContain('\u001b');
  });
});

/** Runs hanglab on a pseudo terminal of so many columns, which `script` makes. */
async function onTerminal(
  args: string[],
  columns: number,
  options: CliOptions = {},
): Promise<Exit> {
  const bin = join(import.meta.dirname, '../../../bin/hanglab.js');
  const command = [process.execPath, bin, ...args].map((part) => `'${part}'`).join(' ');
  // Both would take the colours away that are expected.
  const { CI: _ci, NO_COLOR: _noColor, ...env } = process.env;
  const child = spawn(
    'script',
    ['--quiet', '--return', '--command', `stty cols ${columns}; ${command}`, '/dev/null'],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { ...env, ...options.env } },
  );
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr: '' };
}
