import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { goroutinesIn, heapIn } from './go.ts';
import { limitsOf } from './limits.ts';
import { memoryBytes } from './memory.ts';
import { nodeReader } from './node.ts';
import { readProcesses } from './processes.ts';
import { joined } from './reading.ts';

async function started(script: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', `${script}; process.stdout.write('ready')`], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '--inspect-port=0' },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid as number;
}

describe('what processes hold', () => {
  it('is told by kind, peer and path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soak-resources-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'left'), '12345');
    const pid = await started(`
      const fs = require('node:fs'), net = require('node:net');
      for (let i = 0; i < 7; i++) fs.openSync('${folder}/session-' + i, 'w');
      var server = net.createServer((socket) => socket.end()).listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        for (let i = 0; i < 3; i++) net.connect({ port, allowHalfOpen: true }).write('x');
      })`);
    let reading = readProcesses({ pids: [pid], peers: {}, temporaryFolder: folder });
    while (reading.values['sockets: other CLOSE_WAIT'] !== 3) {
      reading = readProcesses({ pids: [pid], peers: {}, temporaryFolder: folder });
    }
    expect(reading.values).toMatchObject({
      ...{ 'fds: file': 7, 'sockets: LISTEN': 1, children: 0 },
      ...{ 'temporary files': 8, 'temporary bytes': 5 },
    });
    expect(reading.values.threads).toBeGreaterThan(4);
    expect(reading.parts['fds: file']).toEqual({ [`${folder.replace(/\d+/g, '*')}/session-*`]: 7 });
    expect(Object.keys(reading.parts.sockets ?? {})).toContainEqual(
      expect.stringMatching(/^CLOSE_WAIT to 127\.0\.0\.1:\d+$/),
    );
  });

  it('names peers by their links', async () => {
    const pid = await started('require("node:net").createServer().listen(0)');
    const { values } = readProcesses({ pids: [pid], peers: {}, temporaryFolder: null });
    expect(values).not.toHaveProperty('temporary bytes');
    expect(Object.keys(values).every((name) => !/undefined|NaN/.test(name))).toBe(true);
  });

  it('has the memory that the kernel accounts for, and an end', () => {
    const before = memoryBytes(process.pid);
    const held = Buffer.alloc(30e6, 'x');
    expect(memoryBytes(process.pid) - before).toBeGreaterThan(25e6);
    expect(held.length).toBe(30e6);
    expect(before).toBeGreaterThan(10e6);
    const { fds, memoryBytes: most } = limitsOf(process.pid);
    expect(fds).toBeGreaterThan(63);
    expect(most).toBeGreaterThan(memoryBytes(process.pid));
  });
});

describe('what Node tells of itself', () => {
  it('is its heap after a collection, its buffers, and what keeps it alive', async () => {
    const pid = await started(`
      globalThis.kept = [Buffer.alloc(5e6), Array.from({ length: 1e5 }, (_, i) => ({ i }))];
      let garbage = Array.from({ length: 1e6 }, (_, i) => ({ i }));
      garbage = null;
      setInterval(() => {}, 1000)`);
    await using reader = nodeReader((text) => expect.fail(text));
    const { values, parts } = await reader.read([pid], new AbortController().signal);
    expect(values.buffers).toBeGreaterThan(5e6);
    expect(parts['active resources']).toMatchObject({ Timeout: 1 });
    // 2.4 MB are kept, beside Node's own 4; ten times that is garbage.
    expect(values.heap).toBeGreaterThan(5e6);
    expect(values.heap).toBeLessThan(15e6);
    expect(reader.inspector(pid)).not.toBeNull();
  });

  it('is nothing of a process that is no Node', async () => {
    const sleeper = spawn('sleep', ['60']);
    onTestFinished(() => void sleeper.kill('SIGKILL'));
    await using reader = nodeReader(() => {});
    const reading = await reader.read([sleeper.pid as number], new AbortController().signal);
    expect(reading.values).toEqual({});
  });
});

describe('what Go tells of itself', () => {
  it('is its goroutines by the place that the program is in', () => {
    const text = [
      'goroutine profile: total 1005',
      '1000 @ 0x47a1ce 0x40e2c5 0x40de92 0x6f1a45 0x4820a1',
      '#\t0x6f1a44\tmain.handle.func1+0x24\t/srv/leaks.go:43',
      '',
      '4 @ 0x47a1ce 0x43d6b7',
      '#\t0x4798e4\tinternal/poll.runtime_pollWait+0x84\t/usr/local/go/src/runtime/netpoll.go:351',
      '#\t0x6a0c1d\tnet/http.(*conn).serve+0x51d\t/usr/local/go/src/net/http/server.go:2040',
      '#\t0x6f0001\tgithub.com/acme/shop.(*Server).Run+0x1\t/srv/shop/server.go:12',
      '',
      '1 @ 0x47a1ce',
      '#\t0x4798e4\truntime.gopark+0x84\t/usr/local/go/src/runtime/proc.go:1',
    ].join('\n');
    expect(goroutinesIn(text)).toEqual({
      total: 1005,
      byPlace: {
        'main.handle.func1 (/srv/leaks.go:43)': 1000,
        'github.com/acme/shop.(*Server).Run (/srv/shop/server.go:12)': 4,
        'runtime.gopark (/usr/local/go/src/runtime/proc.go:1)': 1,
      },
    });
    expect(goroutinesIn('<html>not found</html>')).toBeNull();
  });

  it('is its heap', () => {
    expect(heapIn('# Alloc = 1\n# HeapAlloc = 4242\n# HeapSys = 7')).toBe(4242);
    expect(heapIn('')).toBeNull();
  });
});

describe('readings of several', () => {
  it('are added up', () => {
    const one = { values: { heap: 5 }, parts: { tasks: { a: 1 } } };
    const two = { values: { heap: 7, threads: 1 }, parts: { tasks: { a: 2, b: 1 } } };
    expect(joined([one, two])).toEqual({
      values: { heap: 12, threads: 1 },
      parts: { tasks: { a: 3, b: 1 } },
    });
  });
});
