/** `hanglab links`, and runs against a server that was started with what it prints. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { freePort } from '../platform/free-port.ts';
import { startCli, until } from './start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 120_000 });
const fixture = (name: string): string =>
  fileURLToPath(new URL(`./try/fixtures/${name}`, import.meta.url));

/** A server of our own, with the environment that was printed. */
async function serverWith(lines: string, more: Record<string, string> = {}) {
  const port = await freePort();
  const env = Object.fromEntries(
    [...lines.matchAll(/export (\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
  const child = spawn(process.execPath, [fixture('notes-server.mjs')], {
    env: { ...process.env, ...env, ...more, PORT: String(port) },
    stdio: 'inherit',
  });
  const origin = `http://127.0.0.1:${port}`;
  await until(() => child.exitCode !== null || child.pid !== undefined, 5_000);
  for (let tries = 0; tries < 100; tries++) {
    if (
      await fetch(`${origin}/healthz`).then(
        () => true,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    port,
    child,
    note: () => fetch(`${origin}/notes`, { method: 'POST', body: '{"title":"a","text":"b"}' }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** A port with three free ones behind it: below those that the system gives away. */
async function fewPorts(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all([0, 1, 2, 3].map((more) => isFree(first + more)));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const listens = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.close();
  return listens;
}

it('serves a model and services on fixed ports, lends them to a run, and takes them back', async () => {
  const first = await fewPorts();
  await using links = startCli(['links', '--port', String(first)]);
  await links.said('Ctrl-C ends the links.');
  expect(links.text()).toContain(`export OPENAI_BASE_URL=http://127.0.0.1:${first + 1}/v1`);
  await using server = await serverWith(links.text());
  expect((await server.note()).status).toBe(201);

  const args = [
    'try',
    '--attach',
    String(server.port),
    '--links',
    String(first),
    '--scenario',
    fixture('model-silent.ts'),
  ];
  const line = [
    '--request',
    'POST /notes {"title":"${title}","text":"${text}"}',
    '--retry-inconclusive',
    '3',
  ];
  await using tried = startCli([...args, ...line]);
  const { code, stdout } = await tried.exit;
  expect(stdout).toContain('the scripted model was called by postNotes');
  expect(stdout).toContain('✔ model-silent');
  expect(code).toBe(0);
  expect(tried.leftovers()).toEqual([]);
  // It is left as it was found: running, and with its model.
  expect(server.child.exitCode).toBeNull();
  await until(() => links.text().includes('back:'), 5_000);
  expect((await server.note()).status).toBe(201);

  links.send('SIGINT');
  expect((await links.exit).code).toBe(130);
  expect(links.leftovers()).toEqual([]);
});

it('takes them back from a run that was killed', async () => {
  const first = await fewPorts();
  await using links = startCli(['links', '--port', String(first)]);
  await links.said('Ctrl-C ends the links.');
  await using server = await serverWith(links.text());
  await using tried = startCli(['try', '--attach', String(server.port), '--links', String(first)]);
  await links.said('lent to a run');
  process.kill(tried.pid, 'SIGKILL');
  await links.said('back: requests pass through again');
  expect((await server.note()).status).toBe(201);
});

it('prints what leads a service over its link, and no password', async () => {
  const first = await fewPorts();
  await using links = startCli(
    [
      'links',
      '--no-model',
      '--port',
      String(first),
      '--json',
      '--upstream',
      'db=localhost:5432',
      '--upstream',
      'cache=127.0.0.1:6379=CACHE',
      '--upstream',
      'x=127.0.0.1:7',
    ],
    {
      env: { DATABASE_URL: 'postgres://me:pw@localhost:5432/db' },
    },
  );
  await links.said('hanglab.links/1');
  expect(links.text()).toContain(
    `export DATABASE_URL="\${DATABASE_URL/localhost:5432/127.0.0.1:${first + 1}}"`,
  );
  expect(links.text()).toContain(`export CACHE=127.0.0.1:${first + 2}`);
  expect(links.text()).toContain(`# x: 127.0.0.1:${first + 3} in place of 127.0.0.1:7`);
  expect(links.text()).not.toContain('pw@');
  links.send('SIGINT');
  const { stdout } = await links.exit;
  expect(JSON.parse(stdout)).toEqual({
    schema: 'hanglab.links/1',
    links: {
      db: { port: first + 1, kind: 'service', at: 'localhost:5432' },
      cache: { port: first + 2, kind: 'service', at: '127.0.0.1:6379' },
      x: { port: first + 3, kind: 'service', at: '127.0.0.1:7' },
    },
  });
});

it('a port that is taken, and links that are not there, are reported', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  await using links = startCli(['links', '--port', String(port - 1)]);
  const { code, stderr } = await links.exit;
  expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}`);
  expect(code).toBe(3);
  expect(links.leftovers()).toEqual([]);
  await using tried = startCli([
    'try',
    '--attach',
    `port:${port}`,
    '--links',
    String(await freePort()),
  ]);
  const exit = await tried.exit;
  taken.close();
  expect(exit.stderr).toContain('start it first, and the server with what it prints');
  expect(exit.code).toBe(4);
});

it('a page of another site cannot borrow them', async () => {
  const first = await fewPorts();
  await using links = startCli(['links', '--port', String(first)]);
  await links.said('Ctrl-C ends the links.');
  const borrow = (headers: Record<string, string>) =>
    fetch(`http://127.0.0.1:${first}/borrow`, { method: 'POST', headers });
  expect((await borrow({ origin: 'https://elsewhere.example' })).status).toBe(403);
});

it('a server that runs already is found by its process alone, and left running', async () => {
  await using server = await serverWith('');
  const args = ['--attach', `pid:${server.child.pid}`, '--request', 'GET /notes'];
  await using tried = startCli(['init', ...args]);
  const { code } = await tried.exit;
  expect(code).toBe(0);
  expect(server.child.exitCode).toBeNull();
  expect(readFileSync(join(tried.folder, 'hanglab.config.ts'), 'utf8')).toContain(
    `server: { attach: { port: ${server.port} } }`,
  );
});
