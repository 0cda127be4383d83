import { describe, expect, test } from 'vitest';
import type { LightSample } from '../../../platform/procfs/process.ts';
import type { Socket } from '../../../platform/procfs/sockets.ts';
import { socketGroups, socketGroupText } from '../../wording/sockets.ts';
import { openFileName, shortened, someOf } from '../../wording/text.ts';
import { openFiles, openFilesText } from './open-files.ts';
import { threadGrowth } from './thread-growth.ts';

describe('texts', () => {
  test('files are shown from where the process works', () => {
    expect(openFileName('/srv/app/logs/a.log', '/srv/app')).toBe('logs/a.log');
    expect(openFileName('/srv/application/a.log', '/srv/app')).toBe('/srv/application/a.log');
    expect(openFileName('/var/a.log', '/')).toBe('/var/a.log');
    expect(openFileName('/home/alice/a.log', '')).toBe('~/a.log');
  });

  test('nothing is longer than a line', () => {
    expect(shortened('a'.repeat(500), 60)).toHaveLength(60);
    expect(someOf(Array.from({ length: 9 }, (_, i) => `part ${i}`))).toMatch(
      /^part 0.*and 5 more$/,
    );
    expect(someOf(Array(4).fill('x'.repeat(150)))).toMatch(/^x{150}; x{150}; and 2 more$/);
  });
});

describe('open files', () => {
  const listed = (paths: string[], before?: Record<string, number>) =>
    openFiles(Object.fromEntries(paths.map((path) => [path, 1])), '/srv', before).map(
      openFilesText,
    );

  test('one by one when they are few', () => {
    expect(openFiles({ '/srv/a.jsonl': 18, '/srv/b.db': 2 }, '/srv').map(openFilesText)).toEqual([
      '`a.jsonl` open 18 times',
      '`b.db` open 2 times',
    ]);
  });

  test.for([
    [(i: number) => `/srv/parts/part-${i}.tmp`, '12 files `parts/part-*.tmp` open 12 times'],
    [(i: number) => `/srv/jobs/${i}/log.txt`, '12 files `jobs/*/log.txt` open 12 times'],
    [
      (i: number) => `/tmp/up${'abcdefghijkl'[i]}x.bin (deleted)`,
      '12 files `/tmp/up*x.bin (deleted)` open 12 times',
    ],
    [
      (i: number) => `/tmp/job${'abcdefghijkl'[i]}/data.bin`,
      '12 files `/tmp/job*/data.bin` open 12 times',
    ],
  ] as const)('many of one kind by what their names share: %#', ([name, shown]) => {
    expect(listed(Array.from({ length: 12 }, (_, i) => name(i)))).toEqual([shown]);
  });

  test('those that have grown come first, and tell what was there', () => {
    const now = { '/srv/db/main.db': 20, '/srv/a.jsonl': 18 };
    expect(openFiles(now, '/srv', { '/srv/db/main.db': 19 }).map(openFilesText)).toEqual([
      '`a.jsonl` open 18 times',
      '`db/main.db` open 20 times (19 before)',
    ]);
  });
});

describe('sockets', () => {
  const socket = (over: Partial<Socket>): Socket => ({
    state: 'ESTABLISHED',
    localAddress: '127.0.0.1',
    localPort: 40_000,
    remoteAddress: '127.0.0.1',
    remotePort: 9101,
    receiveQueueBytes: 0,
    sendQueueBytes: 0,
    inode: 1,
    ...over,
  });

  test('by state and peer; the end of a stream is no byte', () => {
    const sockets = [
      socket({ state: 'CLOSE_WAIT', receiveQueueBytes: 1, inode: 1 }),
      socket({ state: 'CLOSE_WAIT', receiveQueueBytes: 6, inode: 2 }),
      socket({ state: 'LISTEN', localPort: 8080, remotePort: 0, inode: 3 }),
      socket({ localPort: 8080, remotePort: 50_000, sendQueueBytes: 70_000, inode: 4 }),
      socket({ state: 'SYN_SENT', remoteAddress: '2001:db8::1', sendQueueBytes: 1, inode: 5 }),
    ];
    const tcp = { 2: { receivedMs: 13_200, sentMs: 0, bytesReceived: 0, bytesAcked: 0 } };
    expect(socketGroups(sockets, tcp, { llm: 9101 }).map(socketGroupText)).toEqual([
      '2 CLOSE_WAIT to llm at 127.0.0.1:9101, oldest last heard 13.2 s ago, 5 unread bytes, not read to the end',
      '1 ESTABLISHED from clients of port 8080, 70000 bytes not acknowledged',
      '1 listener on port 8080',
      '1 SYN_SENT to llm at [2001:db8::1]:9101',
    ]);
  });
});

describe('threads', () => {
  const growth = (
    names: Record<string, number>,
    threadsByName: Record<string, number>,
    runtime: 'node' | 'python' | 'go' | 'jvm' = 'node',
  ) => {
    const threads = Object.entries(names).map(([name, count]) => ({ name, count }));
    const sum = (counts: Record<string, number>) =>
      Object.values(counts).reduce((total, count) => total + count, 0);
    const last = { threads: sum(names) } as LightSample;
    const baseline = { fds: 0, children: 0, threads: sum(threadsByName), threadsByName };
    return threadGrowth({ last, threads, poolSize: 4 }, baseline, runtime);
  };

  test('pools of runtimes grow by themselves, and are told', () => {
    const grown = growth({ 'tokio-runtime-w': 12, MainThread: 1 }, { MainThread: 1 });
    expect(grown).toMatchObject({ own: 0, names: ['tokio-runtime-w 12 (0 before)'] });
    expect(growth({ node: 11 }, { node: 7 }).own).toBe(0);
    expect(growth({ node: 30 }, { node: 7 }).own).toBe(19);
    expect(growth({ python3: 41 }, { python3: 1 }, 'python').own).toBe(0);
    expect(growth({ uvicorn: 41 }, { uvicorn: 1 }, 'python').own).toBe(0);
    expect(growth({ uvicorn: 60, indexer: 7 }, { uvicorn: 1 }, 'python').own).toBe(26);
    expect(growth({ server: 90 }, { server: 6 }, 'go').own).toBe(0);
  });

  test('names that differ in their numbers are told as one', () => {
    const names = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`pool-${i}-thread`, 1]));
    expect(growth({ ...names, java: 1 }, { java: 1 }, 'jvm')).toMatchObject({
      own: 9,
      names: ['pool-*-thread 9 (0 before)'],
    });
  });
});
