import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { monotonicMs } from '../../../platform/clock.ts';
import { readFds } from '../../../platform/procfs/fds.ts';
import { readLight, readThreads } from '../../../platform/procfs/process.ts';
import { readSockets } from '../../../platform/procfs/sockets.ts';
import { examined } from '../../fixtures/assertions.ts';
import { type Fixture, startFixture } from '../../fixtures/start.ts';
import type { Diagnosis, RunHints } from '../../index.ts';
import { readDescendants } from '../../outside/descendants.ts';
import { observe } from '../../outside/observe.ts';
import { ownSockets } from './leaks.ts';
import { notableLines } from './notable.ts';

const folder = mkdtempSync(join(tmpdir(), 'leaks-'));
mkdirSync(join(folder, 'parts'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** On a machine where nobody gets a core it may be slow. */
const LIVE = /^(slow-but-)?live$/;
/** Asked beforehand: a probe of a test beside would wait for the answer. */
const hasPython = !spawnSync('python3', ['--version']).error;

const REQUESTS = 18;
/** Any line about something notable. */
const NOTABLE =
  /open \d+ times|CLOSE_WAIT|unread|acknowledged|zombie|to be accepted|descriptors are/;

describe.concurrent('what is left over after the load', { timeout: 120_000 }, () => {
  test('files: which, and how often', async () => {
    await using server = await startFixture('leaks-files', { args: [folder] });
    const hints = await loaded(server);
    const diagnosis = await diagnosed(server, hints);
    expect(diagnosis.code, report(diagnosis)).toBe('fd-leak');
    expect(diagnosis.sentence).toContain('`journal.jsonl` open 18 times');
    expect(diagnosis.sentence).toContain('18 files `parts/*-request.tmp` open 18 times');
    expect(diagnosis.sentence).toMatch(/by kind file \d+ \(\d+ before\)/);
    expect(diagnosis.ruledOut.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['child-leak', 'thread-leak', 'socket-leak']),
    );

    const unjudged = await diagnosed(server);
    expect(unjudged.code, report(unjudged)).toMatch(LIVE);
    expect(unjudged.evidence).toContain('`journal.jsonl` open 18 times');
  });

  test('while requests stand still it is told beside the hang, and is not its name', async () => {
    await using server = await startFixture('leaks-files', { args: [folder] });
    const hints = await loaded(server);
    const diagnosis = await diagnosed(server, {
      ...hints,
      requestsInFlight: [{ operation: 'upload', subject: null, ageMs: 9000 }],
    });
    expect(diagnosis.code, report(diagnosis)).toBe('awaiting-forever');
    expect(diagnosis.evidence.join('\n')).toContain('open descriptors: ');
  });

  test('sockets: to whom, in which state, since when, and what was not read', async () => {
    await using peer = await closingPeer('hello');
    await using server = await startFixture('leaks-sockets', { args: [String(peer.port)] });
    const hints = await loaded(server);
    const closed = () =>
      readSockets(server.pid, readFds(server.pid).socketInodes).filter(
        ({ state }) => state === 'CLOSE_WAIT',
      );
    await until(() => closed().length === REQUESTS);
    const diagnosis = await diagnosed(server, { ...hints, links: { llm: peer.port } });
    const line = new RegExp(
      `18 CLOSE_WAIT to llm at 127\\.0\\.0\\.1:${peer.port}, oldest last heard \\d+\\.\\d s ago, 90 unread bytes, not read to the end`,
    );
    expect(diagnosis.code, report(diagnosis)).toBe('socket-leak');
    expect(diagnosis.sentence).toMatch(line);

    const unjudged = await diagnosed(server);
    expect(unjudged.code, report(unjudged)).toMatch(LIVE);
    expect(unjudged.evidence.join('\n')).toMatch(/18 CLOSE_WAIT to 127\.0\.0\.1:\d+, oldest/);
  });

  test('threads: by name, although each has descriptors of its own', async () => {
    await using server = await startFixture('leaks-threads');
    const diagnosis = await diagnosed(server, await loaded(server, 8));
    expect(diagnosis.code, report(diagnosis)).toBe('thread-leak');
    // Node names the threads of workers since 24.
    expect(diagnosis.sentence).toMatch(/: (indexer|node) \d+ \(\d+ before\)/);
    expect(diagnosis.ruledOut.map(({ code }) => code)).toContain('fd-leak');
  });

  test('children: what they run, and the dead below them; no secrets', async () => {
    await using server = await startFixture('leaks-children');
    const hints = await loaded(server, 8);
    const dead = () => readDescendants(server.pid).filter(({ state }) => state === 'Z');
    await until(() => dead().length === 8);
    const diagnosis = await diagnosed(server, hints);
    expect(diagnosis.code, report(diagnosis)).toBe('child-leak');
    expect(diagnosis.sentence).toMatch(/: 8 `sh -c read line helper .*` in state S, the oldest/);
    expect(diagnosis.evidence.join('\n')).toMatch(
      /8 zombies that 8 processes `sh -c read line .*` below it \(\d+ is one\) have not reaped \(8 `\w+`\), the oldest started/,
    );
    expect(report(diagnosis)).not.toContain('hunter2');
  });

  test('zombies, and who has not reaped them', async (context) => {
    if (!hasPython) return context.skip('no python3');
    await using server = await startFixture('leaks_zombies.py', { runtime: 'python3' });
    const hints = await loaded(server, 8);
    await until(() => readDescendants(server.pid).every(({ state }) => state === 'Z'));
    const diagnosis = await diagnosed(server, hints);
    expect(diagnosis.code, report(diagnosis)).toBe('child-leak');
    expect(diagnosis.sentence).toMatch(/: 8 `python.*` zombies that it has not reaped, the oldest/);
    expect(diagnosis.evidence.join('\n')).toContain(
      `8 zombies that process ${server.pid} has not reaped`,
    );
  });

  test('a healthy server, its clients still connected: nothing is left, and nothing is notable', async () => {
    await using server = await startFixture('healthy');
    const hints = await loaded(server, 60);
    const diagnosis = await diagnosed(server, hints);
    expect(diagnosis.code, report(diagnosis)).toMatch(LIVE);
    expect(report(diagnosis)).not.toMatch(NOTABLE);
    expect(diagnosis.ruledOut.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['fd-leak', 'socket-leak', 'thread-leak', 'child-leak']),
    );
  });
});

describe('what is notable of any process', { timeout: 60_000 }, () => {
  test('clients that a stopped server does not accept, and what it has not read', async () => {
    await using server = await startFixture('healthy');
    const sockets = () => readSockets(server.pid, readFds(server.pid).socketInodes);
    const client = connect(server.port, '127.0.0.1');
    await until(() => sockets().some(({ state }) => state === 'ESTABLISHED'));
    process.kill(server.pid, 'SIGSTOP');
    client.write('GET /work');
    for (let i = 0; i < 3; i++) server.ask('/work');
    const waiting = (of: string) => sockets().find(({ state }) => state === of)!.receiveQueueBytes;
    await until(() => waiting('LISTEN') === 3 && waiting('ESTABLISHED') === 9);
    const seen = await observe(server.pid, { windowMs: 300, accept: null });
    client.destroy();
    expect(notableLines(server.pid, seen!, {})).toEqual([
      expect.stringMatching(
        /^3 connections wait to be accepted on port \d+; 1 ESTABLISHED from clients of port \d+, last heard \d+\.\d s ago, 9 unread bytes$/,
      ),
    ]);
  });

  test('descriptors near their limit', async () => {
    await using server = await startFixture('leaks-files', {
      runtime: 'sh',
      runtimeArgs: ['-c', 'ulimit -n 70 && exec "$0" "$@"', process.execPath],
      args: [folder],
    });
    for (let i = 0; i < REQUESTS; i++) await ask(server, 1, i);
    const seen = await observe(server.pid, { windowMs: 100, accept: null });
    expect(notableLines(server.pid, seen!, {})).toEqual([
      expect.stringMatching(
        /^[56]\d of at most 70 descriptors are open.*`journal.jsonl` open 18 times/,
      ),
    ]);
  });
});

/** What the server held at rest, and then it was given its load. */
async function loaded(server: Fixture, requests = REQUESTS): Promise<RunHints> {
  await (await fetch(server.healthUrl)).text();
  const { fds, threads, children, rssBytes } = readLight(server.pid)!;
  const { byKind, byPath, socketInodes } = readFds(server.pid);
  const names = readThreads(server.pid).map(({ name, count }) => [name, count]);
  await ask(server, requests);
  return {
    quiesced: true,
    baseline: {
      fds,
      threads,
      children,
      rssBytes,
      sockets: ownSockets(readSockets(server.pid, socketInodes)).length,
      fdsByKind: byKind,
      fdsByPath: byPath,
      threadsByName: Object.fromEntries(names),
    },
  };
}

async function ask({ port }: Fixture, requests: number, first = 0): Promise<void> {
  const each = Array.from({ length: requests }, async (_, i) => {
    const name = String.fromCharCode(97 + first + i);
    const answer = await fetch(`http://127.0.0.1:${port}/${name}-request`);
    await answer.text();
  });
  await Promise.all(each);
}

function diagnosed({ pid, healthUrl }: Fixture, hints?: RunHints): Promise<Diagnosis> {
  return examined({ pid, healthUrl, ...(hints && { hints }) });
}

function report({ code, sentence, evidence }: Diagnosis): string {
  return [code, sentence, ...evidence].join('\n');
}

/** A peer that says `text` and closes. */
async function closingPeer(text: string) {
  const peer = createServer((socket) => socket.on('error', () => undefined).end(text));
  peer.listen(0, '127.0.0.1');
  await once(peer, 'listening');
  return {
    port: (peer.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => peer.close(resolve));
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = monotonicMs() + 30_000;
  while (!condition()) {
    if (monotonicMs() > deadline) throw new Error(`not within 30 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
