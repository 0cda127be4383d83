import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { examined, expectNamed, lines, report } from './fixtures/assertions.ts';
import { WAITING } from './fixtures/servers.ts';
import { startFixture } from './fixtures/start.ts';
import { RETAIN_PROMISES } from './wording/retain-promises.ts';

/** The requests here are older than this when they are looked at. */
const requestLimitMs = 500;

const folder = mkdtempSync(join(tmpdir(), 'waiting-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.concurrent('small servers that wait', { timeout: 120_000 }, () => {
  test.for(WAITING)('$name: $code', async (expected) => {
    await using server = await startFixture(expected.name);
    for (let i = 0; i < 4; i++) server.ask(`/request-${i}`);
    await sleep(expected.afterMs ?? 0);
    const isLive = expected.code.endsWith('live');
    const diagnosis = await examined({
      pid: server.pid,
      healthUrl: server.healthUrl,
      ...(!isLive && { requestLimitMs }),
    });
    expectNamed(diagnosis, server, expected);
  });

  test('a resolver that is kept too far away to be found is not lost', async () => {
    await using server = await startFixture('deep-resolver');
    server.ask('/request');
    const { pid, healthUrl } = server;
    const diagnosis = await examined({ pid, healthUrl });
    expect(diagnosis, report(diagnosis)).toMatchObject({ code: 'waiting', decided: false });
    expect(lines(diagnosis, server)).toContain(server.lineOf('waits here'));
  });

  test.for([
    'headers',
    'chunks',
    'lines',
    'whole',
    'piped',
  ])('a silent model, awaited by fetch: %s', async (way) => {
    await using model = await silentModel();
    await using server = await startFixture('silent-upstream', { args: [String(model.port)] });
    // Its answer is read to the end, so that nobody takes its client away.
    fetch(`http://127.0.0.1:${server.port}/${way}`)
      .then(
        (answer) => answer.text(),
        () => undefined,
      )
      .catch(() => undefined);
    await until(async () => model.asked() > 0);
    const diagnosis = await examined({
      pid: server.pid,
      healthUrl: server.healthUrl,
      hints: { links: { llm: model.port } },
      requestLimitMs,
    });
    expect(diagnosis.code, report(diagnosis)).toBe('upstream-stalled');
    expect(lines(diagnosis, server)).toContain(server.lineOf(`${way} stuck here`));
    expect(diagnosis.sentence).toMatch(/waits for llm at 127\.0\.0\.1:\d+, silent for \d/);
    if (way !== 'chunks') return;
    const { pid, healthUrl } = server;
    const waiting = await examined({ pid, healthUrl, requestLimitMs: 600_000 });
    expect(waiting, report(waiting)).toMatchObject({ code: 'waiting', decided: false });
    expect(lines(waiting, server)).toContain(server.lineOf('chunks stuck here'));
    const late = await examined({ pid, healthUrl, requestLimitMs: 100 });
    expect(late, report(late)).toMatchObject({ code: 'upstream-stalled', decided: true });
  });

  test('a handler that has returned: a callback waits for a silent model', async () => {
    await using model = await silentModel();
    await using server = await startFixture('callback-upstream', { args: [String(model.port)] });
    server.ask('/request');
    await until(async () => model.asked() > 0);
    const { pid, healthUrl } = server;
    const diagnosis = await examined({ pid, healthUrl, requestLimitMs });
    expect(diagnosis.code, report(diagnosis)).toBe('upstream-stalled');
    expect(lines(diagnosis, server)).toEqual([server.lineOf('stuck here')]);
    const young = await examined({ pid, healthUrl });
    expect(young, report(young)).toMatchObject({ code: 'waiting', decided: false });
  });

  test('a pool whose only connection is kept by a call that is never answered', async () => {
    await using model = await silentModel();
    const port = String(model.port);
    await using server = await startFixture('exhausted-pool', { args: [port] });
    await until(async () => model.asked() > 0);
    for (let i = 0; i < 3; i++) server.ask(`/request-${i}`);
    const diagnosis = await examined({
      pid: server.pid,
      healthUrl: server.healthUrl,
      requestLimitMs,
    });
    expect(diagnosis.code, report(diagnosis)).toBe('pool-exhausted');
    expect(lines(diagnosis, server)).toContain(server.lineOf('stuck here'));
  });

  test('orphans are named when the program was started with their promises retained', async () => {
    await using server = await startFixture('orphaned', { runtimeArgs: [RETAIN_PROMISES] });
    for (let i = 0; i < 4; i++) server.ask(`/request-${i}`);
    const diagnosis = await examined({
      pid: server.pid,
      healthUrl: server.healthUrl,
      requestLimitMs,
    });
    expect(diagnosis.code, report(diagnosis)).toBe('awaiting-forever');
    expect(lines(diagnosis, server)).toContain(server.lineOf('lost here'));
  });

  test('a worker that stands still, when the run says that work does not arrive', async () => {
    await using server = await startFixture('stuck-worker');
    for (let i = 0; i < 2; i++) server.ask('/upload');
    await until(() => fetch(server.healthUrl).then((answer) => answer.ok));
    const { pid, healthUrl } = server;
    expect((await examined({ pid, healthUrl })).code).toMatch(/^(slow-but-)?live$/);
    const diagnosis = await examined({ pid, healthUrl, hints: { progressFlatMs: 6000 } });
    expect(diagnosis.code, report(diagnosis)).toBe('abandoned-lock');
    expect(lines(diagnosis, server)).toContain(server.lineOf('stuck here'));
  });

  test('a pool whose threads all read a pipe that nobody writes', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await using server = await startFixture('starved-pool', { args: [pipe] });
    for (let i = 0; i < 4; i++) server.ask(`/config-${i}`);
    await until(() => fetch(server.healthUrl).then((answer) => answer.ok));
    for (let i = 0; i < 2; i++) server.ask(`/request-${i}`);
    const diagnosis = await examined({
      pid: server.pid,
      healthUrl: server.healthUrl,
      requestLimitMs,
    });
    expect(diagnosis.code, report(diagnosis)).toBe('threadpool-starved');
    expect(lines(diagnosis, server)).toEqual(
      expect.arrayContaining([server.lineOf('open stuck here'), server.lineOf('stuck here')]),
    );
  });
});

/** A model that answers with nothing, or with one token, and falls silent. */
async function silentModel() {
  let asked = 0;
  const model = createServer((request, response) => {
    asked++;
    if (request.url === '/no-headers' || request.url === '/') return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: token\n\n');
  });
  model.listen(0, '127.0.0.1');
  await once(model, 'listening');
  return {
    port: (model.address() as AddressInfo).port,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      model.closeAllConnections();
      await new Promise((resolve) => model.close(resolve));
    },
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
