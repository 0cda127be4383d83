import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { appendFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { chat } from '../testing/chat.ts';
import { eventually, startTarget, startTargetHere } from '../testing/target.ts';
import { cachedContents } from './contents.ts';
import { type Entry, newMessage } from './entries.ts';
import { type SessionFiles, sessionFilesIn } from './session-files.ts';
import { cachedSummaries } from './summaries.ts';

const PATH = '/api/v1/sessions';
const said = (n: number) => ({ role: n % 2 === 0 ? 'user' : 'assistant', text: `Message ${n}` });

describe('through HTTP', () => {
  test('a session is imported, listed, read in pages, and gone after its deletion', async () => {
    await using target = await startTargetHere();
    const messages = Array.from({ length: 5 }, (_, n) => said(n));
    const made = await target.post(PATH, { title: 'Five', messages });
    expect(made).toMatchObject({ status: 201 });
    const path = `${PATH}/${made.body.id}`;
    expect(made.headers.get('location')).toBe(path);

    const listed = (await target.request(PATH)).body;
    expect(listed).toMatchObject({ sessions: 1, nextCursor: null });
    expect(listed.items).toMatchObject([{ title: 'Five', messages: 5, characters: 45 }]);

    const first = (await target.request(`${path}?limit=3`)).body;
    expect(first).toMatchObject({ title: 'Five', stats: { messages: 5 }, nextCursor: '3' });
    const second = (await target.request(`${path}?limit=3&cursor=3`)).body;
    expect(second.nextCursor).toBeNull();
    expect([...first.items, ...second.items].map(({ text }) => text)).toEqual(
      messages.map(({ text }) => text),
    );

    expect((await target.request(path, { method: 'DELETE' })).status).toBe(204);
    expect((await target.request(path)).status).toBe(404);
    expect((await target.request(path, { method: 'DELETE' })).status).toBe(404);
    expect((await target.request(PATH)).body).toMatchObject({ sessions: 0, items: [] });
    expect(await readdir(join(target.data, 'sessions'))).toEqual([]);
  });

  test('the list is paged, last changed first', async () => {
    await using target = await startTargetHere();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await target.post(PATH, { title: `${n}` })).body.id);
    await chat(target.url, 'Hello.', { sessionId: ids[1] as string });
    const pages: { id: string; updatedAt: string }[] = [];
    for (let cursor: string | null = '0'; cursor !== null; ) {
      const { body } = await target.request(`${PATH}?limit=2&cursor=${cursor}`);
      pages.push(...body.items);
      cursor = body.nextCursor;
    }
    expect(pages[0]?.id).toBe(ids[1]);
    expect(pages.map(({ id }) => id).sort()).toEqual(ids.sort());
    const times = pages.map(({ updatedAt }) => updatedAt);
    expect(times).toEqual(times.toSorted().reverse());
  });

  test('an invalid id is not found', async () => {
    await using target = await startTargetHere();
    for (const id of ['..%2f..%2fstate.sqlite', 's_zzzzzzzzzzzz', 's_0000000000001', '%00']) {
      expect((await target.request(`${PATH}/${id}`)).status).toBe(404);
    }
  });

  test('messages survive kill -9, and a line that was cut does no harm', async () => {
    await using target = await startTarget();
    const { id } = (await target.post(PATH, { messages: [said(0), said(1)] })).body;
    const file = join(target.data, 'sessions', `${id}.jsonl`);
    await appendFile(file, '{"type":"message","role":"user","te');
    await target.restart();
    expect((await target.request(`${PATH}/${id}`)).body.items).toHaveLength(2);
    const body = JSON.stringify({ sessionId: id, message: 'Go on.' });
    const headers = { 'content-type': 'application/json' };
    const answer = await target.request('/api/v1/chat', { method: 'POST', body, headers });
    expect(answer.body).toContain('event: done');
    await target.restart();
    const { items } = (await target.request(`${PATH}/${id}`)).body;
    expect(items.map(({ text }: { text: string }) => text).slice(2)).toEqual([
      'Go on.',
      'You said 6 characters.',
    ]);
  });

  test('sessions that are deleted while they are listed and read are not found', async () => {
    await using target = await startTargetHere();
    for (let round = 0; round < 5; round++) {
      const made = Array.from({ length: 10 }, () => target.post(PATH, { messages: [said(0)] }));
      const ids = (await Promise.all(made)).map(({ body }) => body.id);
      const answers = await Promise.all(
        ids.flatMap((id) => [
          target.request(PATH),
          target.request(`${PATH}/${id}`),
          target.request(`${PATH}/${id}`, { method: 'DELETE' }),
        ]),
      );
      for (const { status } of answers) expect([200, 204, 404]).toContain(status);
    }
    expect((await target.request(PATH)).body.sessions).toBe(0);
  });

  test('listing leaves no descriptor open', async () => {
    await using target = await startTarget();
    for (let n = 0; n < 20; n++) await target.post(PATH, { messages: [said(n)] });
    const folder = `/proc/${target.process.pid}/fd`;
    const sessionsOpen = () =>
      readdirSync(folder).filter((fd) => {
        try {
          return readlinkSync(join(folder, fd)).endsWith('.jsonl');
        } catch {
          return false;
        }
      }).length;
    await Promise.all(Array.from({ length: 10 }, () => target.request(PATH)));
    expect(await eventually(() => sessionsOpen() === 0)).toBe(true);
  });
});

describe('files are read once', () => {
  let folder: string;
  let reads: string[];
  let open: number;
  let mostOpen: number;
  let files: SessionFiles;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hanglab-sessions-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    reads = [];
    open = 0;
    mostOpen = 0;
    const real = sessionFilesIn(folder);
    // The real one, with counters.
    files = {
      ...real,
      async read(id, from, onLine) {
        reads.push(`${id}@${from}`);
        mostOpen = Math.max(mostOpen, ++open);
        try {
          return await real.read(id, from, onLine);
        } finally {
          open--;
        }
      },
    };
  });

  const idOf = (n: number) => `s_${n.toString(16).padStart(12, '0')}`;
  const begin = (id: string): Entry => ({ type: 'session', id, title: id, at: '2026-01-01' });
  const session = (n: number, messages = 3) =>
    files.create(idOf(n), [
      begin(idOf(n)),
      ...Array.from({ length: messages }, (_, m) => newMessage('user', `Message ${m}`)),
    ]);

  test('by a listing: unchanged ones are not read again, and concurrent listings share one run', async () => {
    for (let n = 0; n < 60; n++) await session(n);
    const list = cachedSummaries(files);
    const all = await Promise.all(Array.from({ length: 10 }, list));
    expect(all.every((one) => one.length === 60 && one[0]?.messages === 3)).toBe(true);
    expect(reads).toHaveLength(60);
    expect(mostOpen).toBeLessThanOrEqual(4);
    await list();
    expect(reads).toHaveLength(60);
  });

  test('by a listing: only the new part of a file that has grown', async () => {
    await session(0);
    await session(1);
    const list = cachedSummaries(files);
    await list();
    const { bytes = 0 } = (await files.stamp(idOf(1))) ?? {};
    await files.append(idOf(1), [newMessage('user', 'More')]);
    const [latest] = await list();
    expect(latest).toMatchObject({ id: idOf(1), messages: 4 });
    expect(reads.slice(2)).toEqual([`${idOf(1)}@${bytes}`]);
  });

  test('a file that replaces another is read from the start', async () => {
    await session(0, 5);
    const list = cachedSummaries(files);
    await list();
    await files.remove(idOf(0));
    await session(0, 2);
    expect(await list()).toMatchObject([{ messages: 2 }]);
  });

  test('by concurrent readers of a session: once for all of them', async () => {
    await session(0, 200);
    const read = cachedContents(files);
    const all = await Promise.all(Array.from({ length: 10 }, () => read(idOf(0))));
    expect(all.every((one) => one?.messages.length === 200)).toBe(true);
    expect(reads).toEqual([`${idOf(0)}@0`]);
    const before = all[0];
    await files.append(idOf(0), [newMessage('user', 'More')]);
    expect((await read(idOf(0)))?.stats.messages).toBe(201);
    expect(before?.messages).toHaveLength(200);
    expect(reads).toHaveLength(2);
  });

  test('lines longer than a slice, and characters across slices', async () => {
    const text = 'é😀x'.repeat(100_000);
    await files.create(idOf(0), [
      begin(idOf(0)),
      newMessage('user', text),
      newMessage('user', 'é'),
    ]);
    const session = await cachedContents(files)(idOf(0));
    expect(session?.messages.map((message) => message.text)).toEqual([text, 'é']);
  });

  test('other files in the folder are ignored', async () => {
    await session(0);
    await writeFile(join(folder, 'notes.txt'), 'x');
    await mkdir(join(folder, 'sub.jsonl'));
    await writeFile(join(folder, 'strange.jsonl'), 'x');
    expect(await cachedSummaries(files)()).toHaveLength(1);
  });
});
