/** `hanglab model` from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type Cli, startCli, until } from './start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 60_000 });

interface Announced {
  url: string;
  port: number;
  pid: number;
  upstreams: Record<string, { url: string }>;
  certificate: string | null;
}

async function announced(model: Cli): Promise<Announced> {
  await model.said('"url"');
  return JSON.parse(model.text().split('\n')[0] ?? '') as Announced;
}

const chat = {
  model: 'm',
  messages: [{ role: 'user', content: 'The pump starts at dawn. When?' }],
};
const ask = (url: string) =>
  fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify(chat) });

async function listens(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  const open = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return open;
}

it('says what to put into a server’s environment, serves until Ctrl-C, and leaves nothing', async () => {
  await using model = startCli(['model', '--port', '0']);
  await model.said('Ctrl-C ends it.');
  const url = /OPENAI_BASE_URL=(\S+)/.exec(model.text())?.[1] ?? '';
  expect(model.text()).toContain(`ANTHROPIC_BASE_URL=${url.replace('/v1', '')} `);
  expect((await ask(url)).status).toBe(200);
  expect(model.noteListeners()).toBe(1);
  model.send('SIGINT');
  expect((await model.exit).code).toBe(130);
  await until(
    () => model.leftovers().length === 0,
    3000,
    () => model.leftovers().join('\n'),
  );
});

it('takes rules from a file, has a port for each upstream, and logs', async () => {
  const rules = [{ when: { upstream: 'planner' }, behaviour: { name: 'down', status: 503 } }];
  await using model = startCli(
    [
      ...[
        'model',
        '--port',
        '0',
        '--json',
        '--log',
        '--upstream',
        'planner=0',
        '--rules',
        'rules.json',
      ],
    ],
    { cwd: await folderWith('rules.json', JSON.stringify(rules)) },
  );
  const { url, pid, upstreams } = await announced(model);
  expect(pid).toBe(model.pid);
  expect((await ask(url)).status).toBe(200);
  expect((await ask(upstreams.planner?.url ?? '')).status).toBe(503);
  await model.said('planner  503  error-status');
  model.send('SIGTERM');
  expect((await model.exit).code).toBe(143);
});

it('records a model, and answers from the recording', async () => {
  await using real = startCli(['model', '--port', '0', '--json']);
  const { url } = await announced(real);
  await using recorder = startCli([
    'model',
    '--port',
    '0',
    '--json',
    '--record',
    url,
    '--to',
    'talk.ndjson',
  ]);
  const passed = await (await ask((await announced(recorder)).url)).text();
  recorder.send('SIGINT');
  const { stderr } = await recorder.exit;
  expect(stderr).toContain('1 exchange recorded in talk.ndjson');
  const recording = await readFile(join(recorder.folder, 'talk.ndjson'), 'utf8');
  const cwd = await folderWith('talk.ndjson', recording);
  await using replaying = startCli(['model', '--port', '0', '--json', '--replay', 'talk.ndjson'], {
    cwd,
  });
  const replayed = await ask((await announced(replaying)).url);
  expect(await replayed.text()).toBe(passed);
});

it('says everything that is wrong at once', async () => {
  await using model = startCli([
    ...[
      'model',
      '--port',
      'nine',
      '--upstream',
      'x',
      '--tokens-per-second',
      '0',
      '--record',
      'ftp://x',
    ],
  ]);
  const { code, stderr } = await model.exit;
  expect(code).toBe(3);
  for (const part of [
    '--port nine',
    '--upstream x',
    '--tokens-per-second 0',
    '--record needs --to',
    'ftp://x',
  ]) {
    expect(stderr).toContain(part);
  }
  expect(stderr).not.toMatch(/^\s+at /m);
});

it.each([
  ['[{"behaviour":{"nam":"x"}}]', 'Did you mean "name"?'],
  ['[{', 'this is not JSON'],
])('refuses rules that are none: %s', async (rules, why) => {
  await using model = startCli(['model', '--rules', 'rules.json'], {
    cwd: await folderWith('rules.json', rules),
  });
  const { code, stderr } = await model.exit;
  expect(code).toBe(3);
  expect(stderr).toContain(why);
});

it('ends when npx, that it was started by, gets SIGTERM', async () => {
  const npx = spawn('npx', ['hanglab', 'model', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void npx.kill('SIGKILL'));
  const [line] = (await once(createInterface(npx.stdout), 'line')) as [string];
  const { port, pid } = JSON.parse(line) as Announced;
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  expect(await listens(port)).toBe(true);
  npx.kill('SIGTERM');
  await expect.poll(() => listens(port), { timeout: 20_000 }).toBe(false);
});

async function folderWith(name: string, content: string): Promise<string> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hanglab-model-'));
  onTestFinished(() => folder.remove());
  await writeFile(join(folder.path, name), content);
  return folder.path;
}
