/** Servers that do not start as they should, and people who mistype: one clear message, the exit code, nothing left. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { type Exit, startCli, until } from '../start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 120_000 });
const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const SCENARIO = ['--scenario', fixture('reads-only.ts')];

const tried = (args: string[]): Promise<Exit> => ended(['try', ...SCENARIO, ...args]);

async function ended(args: string[]): Promise<Exit> {
  await using started = startCli(args);
  const exit = await started.exit;
  // Of hanglab's own; a server's last lines may have one.
  expect(exit.stderr).not.toContain('internal error');
  // What was killed by the reaper may take a moment to be gone.
  await until(
    () => started.leftovers().length === 0,
    5_000,
    () => started.leftovers().join(),
  );
  return exit;
}

/** A Node server of one line: `listen` is called with what it answers. */
const node = (script: string): string[] => ['--', process.execPath, '-e', script];
const SERVE = `const http = require('http'); const serve = (port, answer = 'ok') =>
  http.createServer((q, a) => q.url === '/' ? a.end(answer) : a.writeHead(404).end()).listen(port, '127.0.0.1');`;

describe.concurrent('a command', () => {
  it('that does not exist', async () => {
    const { code, stderr } = await tried(['--', 'no-such-server', '--port', '1']);
    expect(stderr).toContain('there is no command "no-such-server"');
    expect(code).toBe(3);
  });

  it('that dies at once: its last lines, without what is secret in them', async () => {
    const { code, stderr } = await tried(
      node(
        `console.error('no database; API_TOKEN=abc123def, postgres://me:pw@db/x'); process.exit(7)`,
      ),
    );
    expect(stderr).toContain('the target ended before it was ready (exit code 7)');
    expect(stderr).toContain('no database');
    expect(stderr).not.toMatch(/abc123def|me:pw/);
    expect(code).toBe(4);
  });

  it('that goes into the background', async () => {
    const script = `${SERVE} if (process.argv[1]) serve(process.env.PORT); else {
      require('child_process').spawn(process.execPath, ['-e', process.execArgv[1], 'daemon'], { detached: true, stdio: 'ignore' }).unref();
      process.exit(0);
    }`;
    const { code, stderr } = await tried(node(script));
    expect(stderr).toContain('went into the background');
    expect(stderr).toContain('Start it in the foreground');
    expect(code).toBe(3);
  });

  it('that is not ready in time', async () => {
    const { code, stderr } = await tried([
      '--ready-timeout=2s',
      ...node(`console.log('loading the model'); setInterval(() => {}, 1000)`),
    ]);
    expect(stderr).toContain('not ready within 2 s');
    expect(stderr).toContain('it listens on no TCP port');
    expect(stderr).toContain('loading the model');
    expect(code).toBe(4);
  });

  it('whose port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { code, stderr } = await tried(node(`${SERVE} serve(${port})`));
    taken.close();
    expect(stderr).toContain('EADDRINUSE');
    expect(code).toBe(4);
  });
});

describe.concurrent('a server', () => {
  /** `init` starts, looks at and ends a server as `try` does, and runs no scenario. */
  const found = async (command: string[]): Promise<string> => {
    const { code, stdout, stderr } = await ended(['init', ...command]);
    expect(stderr).toBe('');
    expect(stdout).toContain('GET /');
    expect(code).toBe(0);
    return stdout;
  };

  it('that listens elsewhere is found by its processes', async () => {
    const stdout = await found(node(`${SERVE} serve(0)`));
    expect(stdout).toMatch(/port \d+, ready/);
  });

  it('that listens on several ports is found by the one that speaks HTTP', async () => {
    const script = `${SERVE} require('net').createServer((s) => s.on('error', () => {}).destroy())
      .listen(0, '127.0.0.1'); setTimeout(() => serve(0), 300)`;
    await found(node(script));
  });

  it('that forks workers, ignores SIGTERM and leaves children is ended with all of them', async () => {
    await found(['--', process.execPath, fixture('forking-server.mjs')]);
  });

  it('that ends while it is looked at', async () => {
    const { code, stderr } = await tried(
      node(
        `require('http').createServer(() => { console.log('no more'); process.exit(0) }).listen(process.env.PORT)`,
      ),
    );
    expect(stderr).toContain(
      'the target ended while hanglab found out what it offers (exit code 0)',
    );
    expect(stderr).toContain('start it in the foreground');
    expect(stderr).toContain('no more');
    expect(code).toBe(1);
  });

  it('that nobody can send anything to: what was tried, and what to give', async () => {
    const script = `require('http').createServer((q, a) => a.writeHead(500).end('broken')).listen(process.env.PORT)`;
    const { code, stderr } = await tried(node(script));
    expect(stderr).toContain('no request is known that the server answers well');
    expect(stderr).toContain('GET /: was answered with status 500: broken');
    expect(code).toBe(3);
  });

  it('whose upstream is down', async () => {
    const { code, stderr } = await tried([
      '--upstream=db=127.0.0.1:9=DB',
      ...node(`${SERVE} serve(process.env.PORT)`),
    ]);
    expect(stderr).toContain('the upstream db accepts no connections at 127.0.0.1:9');
    expect(code).toBe(4);
  });
});

it('Ctrl-C while it looks around ends everything', async () => {
  const script = `require('http').createServer(() => {}).listen(process.env.PORT)`;
  await using started = startCli(['try', ...SCENARIO, ...node(script)]);
  await started.said('discovery:');
  started.send('SIGINT');
  const { code } = await started.exit;
  expect(code).toBe(130);
  await until(
    () => started.leftovers().length === 0,
    5_000,
    () => started.leftovers().join(),
  );
});
