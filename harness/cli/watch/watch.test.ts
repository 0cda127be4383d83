/** `hanglab watch` beside real servers, as a person types it. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { startFixture, startServer } from '../../diagnosis/fixtures/start.ts';
import { readListeners } from '../../platform/procfs/listeners.ts';
import { cli, startCli } from '../start-cli.test-helper.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), 'cli-watch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  schema: string;
  kind: string;
  [field: string]: unknown;
}
const linesOf = (stdout: string): Line[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

describe.concurrent('hanglab watch', () => {
  test('names the line of a loop that blocks, tells of it, and goes on', async () => {
    const heard: Record<string, unknown>[] = [];
    await using hook = await webhook((body) => heard.push(body));
    await using server = await startFixture('regex');
    const out = join(folder, 'blocked');
    const told = join(folder, 'told');
    const args = ['--port', String(server.port), '--health', server.healthUrl, '--out', out];
    const more = ['--health-limit', '2s', '--json', '--webhook', hook.url];
    const exec = ['--exec', `echo "$HANGLAB_CODE" > ${told}; cat > ${told}.json`];
    await using watching = startCli(['watch', ...args, ...more, ...exec]);
    await watching.said('"kind":"sample"');
    server.ask('/');
    await watching.said('"kind":"incident"');
    // It goes on, and ends when it is asked to.
    await until(() => existsSync(`${told}.json`) && heard.length > 0);
    watching.send('SIGINT');
    const exit = await watching.exit;
    expect(exit.code).toBe(130);
    const lines = linesOf(exit.stdout);
    expect(new Set(lines.map(({ schema }) => schema))).toEqual(new Set(['hanglab.watch/1']));
    expect(lines.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['begun', 'sample', 'alarm', 'looking', 'incident', 'end']),
    );
    const [latest = ''] = readdirSync(join(out, 'watch'));
    const report = join(out, 'watch', latest);
    const incident = JSON.parse(readFileSync(join(report, 'incident.json'), 'utf8'));
    expect(incident).toMatchObject({
      pid: server.pid,
      alarms: [{ kind: 'health-silent' }],
      diagnosis: { code: 'event-loop-blocked' },
    });
    const place = `${server.file}:${server.lineOf('stuck here')}`;
    expect(readFileSync(join(report, 'summary.md'), 'utf8')).toContain(place);
    expect(readFileSync(told, 'utf8').trim()).toBe('event-loop-blocked');
    expect(JSON.parse(readFileSync(`${told}.json`, 'utf8'))).toEqual(incident);
    expect(heard).toEqual([{ text: incident.sentence, ...incident }]);
  });

  test('names a deadlock behind a health path that answers, by the age of requests', async () => {
    await using server = await startFixture('deadlocked-semaphore');
    for (let i = 0; i < 2; i++) server.ask(`/request-${i}`);
    const out = join(folder, 'deadlock');
    const args = ['--pid', String(server.pid), '--health', server.healthUrl, '--out', out];
    await using watching = startCli(['watch', ...args, '--request-limit', '3s']);
    await watching.said('deadlock: ');
    watching.send('SIGTERM');
    const { code, stdout } = await watching.exit;
    expect(code, stdout).toBe(143);
    expect(stdout).toMatch(
      /(2 clients wait|1 client waits) for an answer longer than 3 s, the oldest for/,
    );
  });

  test('leaves a healthy server alone: no look, no signal, and no request but for its health', async () => {
    const file = join(folder, 'healthy.mjs');
    const asked = join(folder, 'asked');
    writeFileSync(
      file,
      `import { createServer } from 'node:http';
       import { appendFileSync } from 'node:fs';
       process.on('SIGUSR1', () => appendFileSync(${JSON.stringify(asked)}, 'signal\\n'));
       const server = createServer((request, response) => {
         appendFileSync(${JSON.stringify(asked)}, request.url + '\\n');
         if (request.url === '/slow') setTimeout(() => response.end('ok'), 1500);
         else response.end('ok');
       }).listen(0, '127.0.0.1', () => console.log(server.address().port));`,
    );
    await using server = await startServer(file, [process.execPath, file]);
    const out = join(folder, 'healthy');
    const args = ['--port', String(server.port), '--health', server.healthUrl, '--out', out];
    const limits = ['--request-limit', '5s', '--window', '1s', '--for', '16s'];
    const watched = cli(['watch', ...args, ...limits]);
    let isOver = false;
    const load = (async () => {
      while (!isOver) await (await fetch(`http://127.0.0.1:${server.port}/slow`)).text();
    })();
    const { code, stdout } = await watched;
    isOver = true;
    await load;
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/no report; watching took \d+\.\d\d % of a core/);
    expect(existsSync(join(out, 'watch'))).toBe(false);
    const lines = readFileSync(asked, 'utf8').split('\n').filter(Boolean);
    expect(new Set(lines)).toEqual(new Set(['/health', '/slow']));
    expect(readListeners(server.pid)).toHaveLength(1);
  });

  test('reports a server that ends, and watches the next on its port', async () => {
    const file = join(folder, 'again.mjs');
    writeFileSync(
      file,
      `import { createServer } from 'node:http';
       const server = createServer((_, response) => response.end('ok'));
       server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log(server.address().port));`,
    );
    const first = await startServer(file, [process.execPath, file, '0']);
    const port = String(first.port);
    const out = join(folder, 'again');
    await using watching = startCli([
      'watch',
      '--port',
      port,
      '--health',
      first.healthUrl,
      '--out',
      out,
    ]);
    await watching.said(`watching process ${first.pid}`);
    await first[Symbol.asyncDispose]();
    await watching.said(`process ${first.pid} has ended`);
    await using second = await startServer(file, [process.execPath, file, port]);
    await watching.said(`watching process ${second.pid}`);
    watching.send('SIGINT');
    expect(await watching.exit).toMatchObject({ code: 130 });
    expect(readdirSync(join(out, 'watch'))).toHaveLength(1);
  });

  test('says what it would do, and does nothing', async () => {
    await using server = await startFixture('healthy');
    const args = ['--pid', String(server.pid), '--dry-run', '--out', join(folder, 'dry')];
    const { code, stdout } = await cli([
      'watch',
      ...args,
      '--webhook',
      'http://127.0.0.1:1/secret',
    ]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('sends SIGUSR1, which opens its inspector on 127.0.0.1');
    expect(stdout).toContain('no health path is given: nothing is sent to it');
    expect(stdout).not.toContain('secret');
    expect(existsSync(join(folder, 'dry'))).toBe(false);
  });

  test('bad input: exit 3, every problem at once', async () => {
    const { code, stderr } = await cli([
      'watch',
      '--health',
      'https://example.com/',
      '--apart',
      'soon',
      '--webhook',
      'x',
    ]);
    expect(code).toBe(3);
    for (const part of [
      'expected either --pid N or --port P',
      '--health',
      '--apart',
      '--webhook x',
    ]) {
      expect(stderr).toContain(part);
    }
    const gone = await cli(['watch', '--pid', '4194303', '--out', join(folder, 'gone')]);
    expect(gone).toMatchObject({ code: 3 });
    expect(gone.stderr).toContain('(no-such-process)');
  });
});

async function until(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: 30_000, interval: 100 });
}

async function webhook(hear: (body: Record<string, unknown>) => void) {
  const server = createServer(async (request, response) => {
    hear(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
