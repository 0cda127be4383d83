import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { readText } from '../platform/procfs/files.ts';
import { readLight } from '../platform/procfs/process.ts';
import { busy, examined, expectNamed, until } from './fixtures/assertions.ts';
import { RUNNING } from './fixtures/servers.ts';
import { startFixture } from './fixtures/start.ts';
import { diagnose } from './index.ts';

describe('small servers that run without end', { timeout: 120_000 }, () => {
  test.for(RUNNING)('$name: $code', async (expected) => {
    await using server = await startFixture(expected.name, expected);
    server.ask('/request');
    await busy(server.pid);
    const diagnosis = await examined({ pid: server.pid, healthUrl: server.healthUrl });
    expectNamed(diagnosis, server, expected);
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
    const diagnosis = await examined({ pid: server.pid, healthUrl: server.healthUrl });
    expect(diagnosis.code, diagnosis.evidence.join('\n')).toBe('pipe-full');
  });

  test('a client that does not read: backpressure-growth', async () => {
    await using server = await startFixture('unread-client');
    const client = connect(server.port, '127.0.0.1');
    client.pause();
    client.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    const begin = readLight(server.pid)!.rssBytes;
    await until(() => readLight(server.pid)!.rssBytes > begin + 20e6);
    const diagnosis = await examined({ pid: server.pid, healthUrl: server.healthUrl });
    client.destroy();
    expect(diagnosis.code, diagnosis.evidence.join('\n')).toBe('backpressure-growth');
  });

  test('SIGSTOP: stopped', async () => {
    await using server = await startFixture('healthy');
    process.kill(server.pid, 'SIGSTOP');
    const diagnosis = await examined({ pid: server.pid, healthUrl: server.healthUrl });
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
