import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { monotonicMs } from '../clock.ts';
import { readLight, readText } from '../procfs.ts';
import { startFixture } from './fixtures/start.ts';
import { type DiagnosisCode, diagnose } from './index.ts';

/** Small servers whose first thread runs, or sleeps, outside its event loop. */
const SERVERS: {
  name: string;
  code: DiagnosisCode;
  at?: string;
  says: RegExp;
  runtimeArgs?: string[];
}[] = [
  { name: 'regex', code: 'event-loop-blocked', at: 'stuck here', says: /regular expression/ },
  { name: 'json-parse', code: 'event-loop-blocked', at: 'stuck here', says: /JSON\.parse/ },
  { name: 'pbkdf2-sync', code: 'event-loop-blocked', at: 'stuck here', says: /pbkdf2Sync/ },
  { name: 'microtask-storm', code: 'event-loop-blocked', says: /attempt|handle/ },
  { name: 'exec-sync', code: 'blocked-in-sync-call', says: /child \d+ `.*sleep 600`/ },
  { name: 'write-storm', code: 'event-loop-saturated', says: /system calls at save / },
  { name: 'immediate-storm', code: 'saturated-but-live', says: /isReady|poll/ },
  {
    name: 'gc-thrash',
    code: 'gc-thrash',
    says: /garbage/,
    runtimeArgs: ['--max-old-space-size=100', '--max-semi-space-size=1'],
  },
];

describe('small servers that run without end', { timeout: 120_000 }, () => {
  test.for(SERVERS)('$name: $code', async ({ name, code, at, says, runtimeArgs = [] }) => {
    await using server = await startFixture(name, { runtimeArgs });
    server.ask('/request');
    await busy(server.pid);
    const diagnosis = await diagnose({ pid: server.pid, healthUrl: server.healthUrl });
    const report = [diagnosis.code, diagnosis.sentence, ...diagnosis.evidence].join('\n');
    expect(diagnosis.code, report).toBe(code);
    expect(diagnosis.sentence).toMatch(says);
    if (at) {
      expect(diagnosis.where[0], report).toMatchObject({
        file: server.file,
        line: server.lineOf(at),
      });
    }
    // Looking has neither ended nor stopped it.
    expect(readLight(server.pid)).toMatchObject({
      alive: true,
      state: expect.stringMatching(/[RSD]/),
    });
  });

  test('a log that nobody reads: pipe-full', async () => {
    await using server = await startFixture('full-pipe');
    server.ask('/request');
    await until(() => /pipe_w/.test(readText(`/proc/${server.pid}/wchan`) ?? ''));
    const diagnosis = await diagnose({ pid: server.pid, healthUrl: server.healthUrl });
    expect(diagnosis.code, diagnosis.evidence.join('\n')).toBe('pipe-full');
  });

  test('a client that does not read: backpressure-growth', async () => {
    await using server = await startFixture('unread-client');
    const client = connect(server.port, '127.0.0.1');
    client.pause();
    client.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const begin = readLight(server.pid)!.rssBytes;
    await until(() => readLight(server.pid)!.rssBytes > begin + 20e6);
    const diagnosis = await diagnose({ pid: server.pid, healthUrl: server.healthUrl });
    client.destroy();
    expect(diagnosis.code, diagnosis.evidence.join('\n')).toBe('backpressure-growth');
  });

  test('SIGSTOP: stopped', async () => {
    await using server = await startFixture('healthy');
    process.kill(server.pid, 'SIGSTOP');
    const diagnosis = await diagnose({ pid: server.pid, healthUrl: server.healthUrl });
    expect(diagnosis.code).toBe('stopped');
    expect(readLight(server.pid)?.state).toBe('T');
  });

  test('a process that ends while it is watched: crashed', async () => {
    await using server = await startFixture('healthy');
    const diagnosis = diagnose({ pid: server.pid });
    process.kill(server.pid, 'SIGKILL');
    expect((await diagnosis).code).toBe('crashed');
  });

  test('no such process, by name', async () => {
    await expect(diagnose({ pid: 2 ** 22 + 1 })).rejects.toMatchObject({ code: 'no-such-process' });
  });
});

/** The request has arrived and does its harm: the process burns CPU, or has a child. */
async function busy(pid: number): Promise<void> {
  const begin = readLight(pid)!;
  await until(() => {
    const now = readLight(pid)!;
    return now.children > begin.children || now.mainThreadCpuMs > begin.mainThreadCpuMs + 300;
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = monotonicMs() + 30_000;
  while (!condition()) {
    if (monotonicMs() > deadline) throw new Error(`not within 30 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
