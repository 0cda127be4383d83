/** A real toxiproxy-server as a child process. */
import { describe, expect, test } from 'vitest';
import { monotonicMs } from '../../platform/clock.ts';
import { readStat } from '../../platform/procfs/process.ts';
import { dial, listenAsUpstream } from '../conformance/peer.ts';
import { real } from '../conformance/servers.ts';
import { startToxiproxy } from '../toxiproxy.ts';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  const end = monotonicMs() + 5_000;
  while (!condition() && monotonicMs() < end) await new Promise((done) => setTimeout(done, 10));
  expect(condition()).toBe(true);
}

describe.skipIf(real.skipped)(`the binary provider, ${real.name}`, () => {
  test('starts in a process group of its own, carries a link, and leaves nothing', async () => {
    await using upstream = await listenAsUpstream();
    const toxiproxy = await startToxiproxy({ provider: 'binary', seed: 1 });
    expect(toxiproxy).toMatchObject({ provider: 'binary', version: '2.12.0', extras: false });
    const pid = toxiproxy.pid ?? 0;
    process.kill(-pid, 0); // Throws when the pid leads no group.
    const link = await toxiproxy.link({ name: 'front', upstream: upstream.address });
    await using _toxic = await link.toxic({ type: 'limit_data', attributes: { bytes: 3 } });
    using client = await dial(`${link.host}:${link.port}`);
    (await upstream.next()).send('12345');
    await client.ended;
    expect(client.received.toString()).toBe('123');
    await toxiproxy[Symbol.asyncDispose]();
    await until(() => !isAlive(pid));
  });

  test('reports its death as trouble, and what was added can still be disposed', async () => {
    const trouble: string[] = [];
    await using toxiproxy = await startToxiproxy({
      provider: 'binary',
      seed: 1,
      onTrouble: (message) => trouble.push(message),
    });
    const link = await toxiproxy.link({ name: 'front', upstream: '127.0.0.1:1' });
    const toxic = await link.toxic({ type: 'noop' });
    process.kill(toxiproxy.pid ?? 0, 'SIGKILL');
    await until(() => trouble.length > 0);
    expect(trouble[0]).toMatch(/^toxiproxy-server \(pid \d+\) ended with SIGKILL: /);
    await toxic[Symbol.asyncDispose]();
    expect(await toxiproxy.ping()).toMatchObject({ ok: false });
  });

  test('a server that is stopped does not answer its ping, within the bound', async () => {
    const trouble: string[] = [];
    await using toxiproxy = await startToxiproxy({
      provider: 'binary',
      seed: 1,
      onTrouble: (message) => trouble.push(message),
    });
    const pid = toxiproxy.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    // The signal takes effect when the kernel next looks at the process, which a busy machine delays.
    await expect.poll(() => readStat(pid)?.state, { timeout: 5000 }).toBe('T');
    const ping = await toxiproxy.ping(200);
    process.kill(pid, 'SIGCONT');
    expect(ping).toEqual({
      ok: false,
      reason: expect.stringContaining('did not answer within 200 ms'),
    });
    expect(trouble).toEqual([expect.stringContaining('did not answer within 200 ms')]);
  });

  test('a wedged server does not answer its ping, although it answers its version', async () => {
    const trouble: string[] = [];
    await using upstream = await listenAsUpstream();
    await using toxiproxy = await startToxiproxy({
      provider: 'binary',
      seed: 1,
      onTrouble: (message) => trouble.push(message),
    });
    const link = await toxiproxy.link({ name: 'front', upstream: upstream.address });
    using client = await dial(`${link.host}:${link.port}`);
    client.socket.pause();
    const server = await upstream.next();
    server.send(Buffer.alloc(12_000_000));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const adding = link.toxic({ type: 'latency', attributes: { latency: 100 } }).then(
      () => undefined,
      () => undefined,
    );
    // The request that wedges it may still be on its way when the first ping is.
    await expect
      .poll(async () => (await toxiproxy.ping(1_000)).ok, { timeout: 10_000 })
      .toBe(false);
    expect(trouble[0]).toMatch(/did not answer within 1000 ms, asked for GET \/proxies$/);
    expect((await fetch(`${toxiproxy.url}/version`)).ok).toBe(true);
    await toxiproxy[Symbol.asyncDispose]();
    await adding;
  });

  test('refuses what only the embedded one has', async () => {
    await using toxiproxy = await startToxiproxy({ provider: 'binary', seed: 1 });
    const link = await toxiproxy.link({ name: 'front', upstream: '127.0.0.1:1' });
    await expect(link.toxic({ type: 'half_close' })).rejects.toMatchObject({
      code: 'needs-embedded',
    });
    await expect(link.toxic({ type: 'noop', connection: 2 })).rejects.toThrow(
      'only the embedded Toxiproxy has a toxic for some connections only',
    );
  });
});

test('a binary that is not there is said with what to do, and cannot run here', async () => {
  const before = process.env.HANGLAB_TOXIPROXY_BINARY;
  process.env.HANGLAB_TOXIPROXY_BINARY = '/none/toxiproxy-server';
  try {
    await expect(startToxiproxy({ provider: 'binary', seed: 1 })).rejects.toMatchObject({
      code: 'no-toxiproxy-binary',
      exitCode: 4,
      message:
        'HANGLAB_TOXIPROXY_BINARY is "/none/toxiproxy-server", which is not an executable file',
    });
  } finally {
    if (before === undefined) delete process.env.HANGLAB_TOXIPROXY_BINARY;
    else process.env.HANGLAB_TOXIPROXY_BINARY = before;
  }
});
