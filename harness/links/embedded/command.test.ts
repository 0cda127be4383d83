/** `hanglab toxiproxy`, driven by what others have written for Toxiproxy. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, mkdtempDisposable, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call } from '../conformance/api-calls.ts';
import { joinThrough } from '../conformance/pair.ts';

const HANGLAB = fileURLToPath(new URL('../../../bin/hanglab.js', import.meta.url));

function run(args: string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const words = [HANGLAB, 'toxiproxy', ...args];
  return spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
}

interface LogLine {
  level: string;
  message?: string;
  time: string;
  url?: string;
  [field: string]: unknown;
}

interface Started {
  child: ChildProcess;
  url: string;
  /** What it has logged so far. */
  lines: LogLine[];
}

async function started(...args: string[]): Promise<Started> {
  return listening(run(['--port', '0', ...args]));
}

async function listening(child: ChildProcess): Promise<Started> {
  const lines: LogLine[] = [];
  const output = createInterface(child.stdout as NodeJS.ReadableStream);
  output.on('line', (line) => lines.push(JSON.parse(line)));
  while (!lines.some(({ url }) => url !== undefined)) await once(output, 'line');
  const url = lines.find((line) => line.url !== undefined)?.url as string;
  return { child, url, lines };
}

async function stopped(child: ChildProcess): Promise<number | null> {
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function failure(...args: string[]): Promise<{ code: number; said: string }> {
  const child = run(args);
  let said = '';
  child.stderr?.on('data', (part) => {
    said += part;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}

describe('the program', () => {
  test('says where it listens, with what seed, and ends on SIGTERM with 143', async () => {
    const { child, url } = await started('--seed', '7');
    expect((await call(url, 'GET', '/version')).text).toContain('2.12.0');
    expect(await stopped(child)).toBe(143);
    await expect(call(url, 'GET', '/version')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('creates the proxies of its config file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hanglab-links-'));
    try {
      const file = join(folder, 'proxies.json');
      const proxies = [{ name: 'db', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' }];
      await writeFile(file, JSON.stringify(proxies));
      const { child, url } = await started('--config', file);
      expect((await call(url, 'GET', '/proxies')).text).toContain('"name":"db"');
      await stopped(child);
      await writeFile(file, '[{"name":"db"}]');
      const wrong = await failure('--port', '0', '--config', file);
      expect(wrong).toEqual({
        code: 3,
        said: `hanglab: ${file}: missing required field: upstream at proxy 1\n(toxiproxy-config)\n`,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each<[string[], number, RegExp]>([
    [
      ['--port', 'x'],
      3,
      /^hanglab: -port takes a whole number up to 65535, not "x"\n\(bad-usage\)\n$/,
    ],
    [['--prot', '1'], 3, /^hanglab: Unknown option '--prot'[\s\S]*Usage: hanglab toxiproxy/],
    [['--config', '/none'], 3, /^hanglab: cannot read \/none: ENOENT/],
    [['-log-level', 'wran'], 3, /^hanglab: -log-level takes one of .* Did you mean "warn"\?/],
    [
      ['--host', '192.0.2.1', '--port', '0'],
      4,
      /^hanglab: cannot listen on 192.0.2.1:0: .*EADDRNOTAVAIL/,
    ],
  ])('with %j ends with %i and a reason', async (args, code, said) => {
    const failed = await failure(...args);
    expect(failed.said).toMatch(said);
    expect(failed.code).toBe(code);
  });

  test('takes the flags of toxiproxy-server as Go reads them', async () => {
    const args = ['-host', '127.0.0.1', '-seed=7', '-proxy-metrics=true', '-runtime-metrics=false'];
    const { child, url, lines } = await listening(run(['-port', '0', ...args]));
    expect(lines.find((line) => line.url)).toMatchObject({ seed: 7, extras: false });
    const { text } = await call(url, 'GET', '/metrics');
    expect(text).not.toContain('process_resident_memory_bytes');
    await stopped(child);
    const version = run(['-version']);
    const [said] = await once(version.stdout as NodeJS.ReadableStream, 'data');
    expect(String(said)).toBe('toxiproxy-server version 2.12.0\n');
  });

  test('logs lines of JSON: proxies, toxics, clients, and an upstream that refuses', async () => {
    const { child, url, lines } = await started();
    try {
      const listen = '127.0.0.1:0';
      const refusing = await call(url, 'POST', '/proxies', {
        name: 'r',
        listen,
        upstream: '127.0.0.1:1',
      });
      const toxic = { name: 'slow', type: 'latency', attributes: { latency: 5 } };
      await call(url, 'POST', '/proxies/r/toxics', toxic);
      await call(url, 'DELETE', '/proxies/r/toxics/slow');
      const address = JSON.parse(refusing.text).listen as string;
      const [host, port] = address.split(':');
      const client = connect(Number(port), host);
      await once(client, 'close');
      {
        await using pair = await joinThrough(url);
        pair.client.finish();
        await pair.server.ended;
      }
      const logged = (message: string) => lines.filter((line) => line.message === message);
      await expect.poll(() => logged('Closed connection').length).toBe(1);
      expect(lines[0]).toMatchObject({ message: 'Starting Toxiproxy', version: '2.12.0' });
      expect(lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(logged('Started proxy')[0]).toMatchObject({
        level: 'info',
        name: 'r',
        listen: address,
      });
      expect(logged('Added toxic')[0]).toMatchObject({ name: 'r', toxic: 'slow', type: 'latency' });
      expect(logged('Removed toxic')).toHaveLength(1);
      expect(logged('Accepted client')[0]?.client).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(logged('Unable to open connection to upstream')).toMatchObject([
        { level: 'error', name: 'r', error: 'dial tcp 127.0.0.1:1: connect: connection refused' },
      ]);
      expect(logged('Closed connection')[0]).toMatchObject({
        ended_first: 'client',
        ended_how: 'fin',
      });
      expect(lines.filter(({ level }) => level === 'debug')).toEqual([]);
    } finally {
      await stopped(child);
    }
  });

  test('logs calls of the API where asked to, by flag or environment', async () => {
    const asked = await listening(run(['-port', '0'], { LOG_LEVEL: 'debug' }));
    await call(asked.url, 'GET', '/version');
    await expect
      .poll(() => asked.lines.filter(({ level }) => level === 'debug'))
      .toMatchObject([{ method: 'GET', url: '/version', status: 200 }]);
    await stopped(asked.child);
  });

  test('brings toxics from its config file where extras are on', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'hanglab-links-'));
    const file = join(folder.path, 'proxies.json');
    const toxics = [{ type: 'latency', attributes: { latency: 5 } }];
    const proxies = [{ name: 'db', listen: '127.0.0.1:0', upstream: '127.0.0.1:1', toxics }];
    await writeFile(file, JSON.stringify(proxies));
    for (const extras of [true, false]) {
      const { child, url } = await started('-config', file, `-extras=${extras}`);
      const { text } = await call(url, 'GET', '/proxies/db/toxics');
      expect(JSON.parse(text)).toHaveLength(extras ? 1 : 0);
      await stopped(child);
    }
  });

  test('counts the bytes of each proxy when asked to', async () => {
    const { child, url } = await started('--proxy-metrics', '--runtime-metrics');
    {
      await using pair = await joinThrough(url);
      pair.client.send('12345');
      pair.server.send('123');
      await Promise.all([pair.server.until(5), pair.client.until(3)]);
      pair.client.finish();
      await pair.server.ended;
      await pair.client.ended;
      const { text, headers } = await call(url, 'GET', '/metrics');
      const labels = (direction: string) =>
        `{direction="${direction}",listener="${pair.proxy.listen}",` +
        `proxy="${pair.proxy.name}",upstream="${pair.upstream.address}"}`;
      expect(headers['content-type']).toContain('text/plain; version=0.0.4');
      for (const metric of ['received', 'sent']) {
        expect(text).toContain(`toxiproxy_proxy_${metric}_bytes_total${labels('upstream')} 5\n`);
        expect(text).toContain(`toxiproxy_proxy_${metric}_bytes_total${labels('downstream')} 3\n`);
      }
      expect(text).toContain('process_resident_memory_bytes');
    }
    await stopped(child);
  });
});

/** Each carries bytes there and back; until the end of the scope. */
async function hold(address: string, count: number): Promise<Disposable> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = connect(Number(port), hostname);
      socket.write('x'.repeat(64));
      await once(socket, 'data');
      return socket;
    }),
  );
  return {
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

test('1,000 connections are held in under 100 MB, by one that has nothing compiled yet too', {
  timeout: 30_000,
}, async () => {
  await using cache = await mkdtempDisposable(join(tmpdir(), 'hanglab-cache-'));
  const { child, url } = await listening(run(['--port', '0'], { NODE_COMPILE_CACHE: cache.path }));
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  try {
    await once(echo, 'listening');
    const upstream = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
    const created = await call(url, 'POST', '/proxies', {
      name: 'echo',
      listen: '127.0.0.1:0',
      upstream,
    });
    using _held = await hold(JSON.parse(created.text).listen, 1000);
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
    expect(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024).toBeLessThan(100);
  } finally {
    await stopped(child);
    echo.close();
  }
});

describe('toxiproxy-node-client', () => {
  let child: ChildProcess;
  let client: Toxiproxy;
  beforeAll(async () => {
    const server = await started();
    child = server.child;
    client = new Toxiproxy(server.url);
  });
  afterAll(() => stopped(child));

  const body = (name: string) => ({ name, listen: '127.0.0.1:0', upstream: '127.0.0.1:1' });

  test('creates, gets, updates and removes a proxy', async () => {
    const proxy = await client.createProxy(body('one'));
    expect(proxy.name).toBe('one');
    expect((await client.get('one')).listen).toBe(proxy.listen);
    const off = await proxy.update({
      enabled: false,
      listen: proxy.listen,
      upstream: 'localhost:2',
    });
    expect(off).toMatchObject({ enabled: false, upstream: 'localhost:2' });
    await proxy.remove();
    await expect(client.get('one')).rejects.toThrow('404');
    await expect(client.createProxy({ ...body('bad'), upstream: '' })).rejects.toThrow('400');
  });

  test('populates, lists and resets', async () => {
    const populated = await client.populate([body('a'), body('b')]);
    expect(Object.keys(populated)).toEqual(['a', 'b']);
    await populated.a?.addToxic({
      type: 'latency',
      name: 'slow',
      stream: 'upstream',
      toxicity: 1,
      attributes: { latency: 10, jitter: 0 },
    });
    await client.reset();
    const all = await client.getAll();
    expect(Object.keys(all)).toEqual(['a', 'b']);
    await expect(all.a?.getToxic('slow')).rejects.toThrow('404');
    for (const proxy of Object.values(all)) await proxy.remove();
    expect(JSON.parse(await client.getVersion())).toEqual({ version: '2.12.0' });
  });

  test.each([
    ['latency', { latency: 1000, jitter: 100 }],
    ['bandwidth', { rate: 1 }],
    ['slow_close', { delay: 1 }],
    ['timeout', { timeout: 1 }],
    ['slicer', { average_size: 2, size_variation: 1, delay: 1 }],
    ['reset_peer', { timeout: 1 }],
    ['limit_data', { bytes: 1 }],
  ] as const)('adds, gets, updates and removes a %s toxic', async (type, attributes) => {
    const proxy = await client.createProxy(body(`with-${type}`));
    const toxic = await proxy.addToxic({
      type,
      name: 't',
      stream: 'downstream',
      toxicity: 1,
      attributes,
    });
    expect(toxic.toJson()).toMatchObject({ type, attributes, toxicity: 1 });
    expect((await proxy.getToxic('t')).toJson()).toEqual(toxic.toJson());
    const changed = await toxic.update({ ...toxic.toJson(), toxicity: 0.5 });
    expect(changed.toxicity).toBe(0.5);
    await toxic.remove();
    await expect(proxy.getToxic('t')).rejects.toThrow('404');
    await proxy.remove();
  });
});

const cli = process.env.HANGLAB_TOXIPROXY_CLI;
const hasCli =
  cli !== undefined &&
  (await access(cli).then(
    () => true,
    () => false,
  ));

describe.skipIf(!hasCli)(
  hasCli ? 'toxiproxy-cli' : 'toxiproxy-cli (skipped: HANGLAB_TOXIPROXY_CLI names no program)',
  () => {
    test('creates, lists, toggles, inspects and deletes', async () => {
      const { child, url } = await started();
      const ask = async (...args: string[]) => {
        const { stdout } = await promisify(execFile)(cli ?? '', ['--host', url, ...args]);
        return stdout;
      };
      try {
        expect(await ask('create', '-l', '127.0.0.1:0', '-u', '127.0.0.1:1', 'db')).toContain(
          'Created new proxy db',
        );
        expect(await ask('list')).toMatch(/db\s+127\.0\.0\.1:\d+\s+127\.0\.0\.1:1\s+enabled\s+0/);
        expect(await ask('toggle', 'db')).toContain('now disabled');
        expect(await ask('toggle', 'db')).toContain('now enabled');
        const latency = ['-t', 'latency', '-n', 'slow', '-a', 'latency=50', '-a', 'jitter=5'];
        expect(await ask('toxic', 'add', ...latency, 'db')).toContain(
          "Added downstream latency toxic 'slow'",
        );
        expect(await ask('inspect', 'db')).toMatch(
          /slow\ttype=latency\tstream=downstream\ttoxicity=1\.00/,
        );
        const change = ['-n', 'slow', '-a', 'latency=70', '--toxicity', '0.5'];
        expect(await ask('toxic', 'update', ...change, 'db')).toContain("Updated toxic 'slow'");
        expect(await ask('inspect', 'db')).toContain('latency=70');
        expect(await ask('toxic', 'remove', '-n', 'slow', 'db')).toContain("Removed toxic 'slow'");
        expect(await ask('delete', 'db')).toContain('Deleted proxy db');
        await expect(ask('inspect', 'none')).rejects.toThrow(/proxy not found/);
      } finally {
        await stopped(child);
      }
    });
  },
);
