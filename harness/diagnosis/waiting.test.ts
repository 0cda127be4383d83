import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Fixture, startFixture } from './fixtures/start.ts';
import { type Diagnosis, type DiagnosisCode, diagnose } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'waiting-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Small servers whose loop turns while requests wait; `at` are marks at the ends of their lines. */
const SERVERS: {
  name: string;
  code: DiagnosisCode;
  at: string[];
  holder?: string;
  says?: RegExp;
}[] = [
  {
    name: 'deadlocked-semaphore',
    code: 'deadlock',
    at: ['stuck here', 'waits here'],
    holder: 'holds here',
  },
  { name: 'mutex-cycle', code: 'deadlock', at: ['deposit stuck here', 'report stuck here'] },
  { name: 'self-await', code: 'deadlock', at: ['stuck here'], holder: 'stuck here' },
  { name: 'abandoned-lock', code: 'abandoned-lock', at: ['stuck here'], says: /nobody|no living/ },
  { name: 'lost-resolver', code: 'awaiting-forever', at: ['stuck here'], says: /resolver is lost/ },
  { name: 'once-never', code: 'awaiting-forever', at: ['stuck here'], says: /jobs "done"/ },
  { name: 'all-but-one', code: 'awaiting-forever', at: ['stuck here'], says: /subscribers/ },
  {
    name: 'unpulled-generator',
    code: 'awaiting-forever',
    at: ['stuck here'],
    holder: 'yields here',
  },
  { name: 'unread-body', code: 'body-unread', at: ['stuck here'], says: /bytes are not read/ },
  { name: 'orphaned', code: 'orphaned', at: [], says: /^3 requests will never be answered/ },
  { name: 'slow-but-live', code: 'slow-but-live', at: [] },
  { name: 'healthy', code: 'live', at: [] },
];

describe.concurrent('small servers that wait', { timeout: 120_000 }, () => {
  test.for(SERVERS)('$name: $code', async ({ name, code, at, holder, says }) => {
    await using server = await startFixture(name);
    for (let i = 0; i < 4; i++) server.ask(`/request-${i}`);
    const diagnosis = await diagnose({ pid: server.pid, healthUrl: server.healthUrl });
    expect(diagnosis.code, report(diagnosis)).toBe(code);
    for (const mark of at) {
      expect(lines(diagnosis, server), report(diagnosis)).toContain(server.lineOf(mark));
    }
    if (holder) expect(diagnosis.holder?.where?.line).toBe(server.lineOf(holder));
    if (says) expect(diagnosis.sentence).toMatch(says);
    if (code !== 'live') expect(diagnosis.ruledOut.map((each) => each.code)).not.toContain(code);
  });

  test.for([
    'headers',
    'chunks',
    'lines',
    'whole',
  ])('a silent model, awaited by fetch: %s', async (way) => {
    await using model = await silentModel();
    await using server = await startFixture('silent-upstream', { args: [String(model.port)] });
    server.ask(`/${way}`);
    await until(async () => model.asked() > 0);
    const diagnosis = await diagnose({
      pid: server.pid,
      healthUrl: server.healthUrl,
      hints: { links: { llm: model.port } },
    });
    expect(diagnosis.code, report(diagnosis)).toBe('upstream-stalled');
    expect(lines(diagnosis, server)).toContain(server.lineOf(`${way} stuck here`));
    expect(diagnosis.sentence).toMatch(/waits for llm at 127\.0\.0\.1:\d+, silent for \d/);
  });

  test('a worker that stands still, when the run says that work does not arrive', async () => {
    await using server = await startFixture('stuck-worker');
    for (let i = 0; i < 2; i++) server.ask('/upload');
    await until(() => fetch(server.healthUrl).then((answer) => answer.ok));
    const { pid, healthUrl } = server;
    expect((await diagnose({ pid, healthUrl })).code).toBe('live');
    const diagnosis = await diagnose({ pid, healthUrl, hints: { progressFlatMs: 6000 } });
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
    const diagnosis = await diagnose({ pid: server.pid, healthUrl: server.healthUrl });
    expect(diagnosis.code, report(diagnosis)).toBe('threadpool-starved');
    expect(lines(diagnosis, server)).toEqual(
      expect.arrayContaining([server.lineOf('open stuck here'), server.lineOf('stuck here')]),
    );
  });
});

function lines(diagnosis: Diagnosis, server: Fixture): number[] {
  return diagnosis.where.filter(({ file }) => file === server.file).map(({ line }) => line);
}

function report({ code, sentence, evidence }: Diagnosis): string {
  return [code, sentence, ...evidence].join('\n');
}

/** A model that answers with nothing, or with one token, and falls silent. */
async function silentModel() {
  let asked = 0;
  const model = createServer((request, response) => {
    asked++;
    if (request.url === '/no-headers') return;
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
