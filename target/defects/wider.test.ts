import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { LIMIT_MS, onBoth, onBothProcesses, PATIENT } from '../testing/both.ts';
import { chat, listenTo } from '../testing/chat.ts';
import { openFiles } from '../testing/process.ts';
import { documentText, eventually, statusWithin, type Target } from '../testing/target.ts';

vi.setConfig({ testTimeout: 6 * LIMIT_MS });

describe.concurrent('clients that leave, and a model that refuses', () => {
  test('permit-lost-on-abort: after two abandoned uploads no other is accepted', async () => {
    const result = await onBoth(
      'permit-lost-on-abort',
      async (target) => {
        target.model.behave(() => ({ hold: true }));
        const leaving = new AbortController();
        const { signal } = leaving;
        const given = [1, 2].map((n) => target.upload(`${n}`, documentText(`n${n}`), { signal }));
        await eventually(() => target.model.inFlight === 2);
        leaving.abort();
        await Promise.allSettled(given);
        await eventually(() => target.model.inFlight === 0);
        target.model.behave(null);
        return statusWithin(
          (signal) => target.upload('A', documentText('a'), { signal }),
          LIMIT_MS,
        );
      },
      PATIENT,
    );
    expect(result).toEqual({ healthy: 201, defective: 503 });
  });

  test('response-body-unread: after as many errors as connections, no connection is left', async () => {
    const result = await onBoth(
      'response-body-unread',
      async (target) => {
        target.model.behave(() => ({ status: 400, errorBytes: 100 }));
        for (let n = 0; n < 8; n++) await chat(target.url, 'Hello.');
        target.model.behave(null);
        const { end, events } = await chat(target.url, 'Hello again.');
        return { end, code: events.at(-1)?.data.code ?? null };
      },
      PATIENT,
    );
    expect(result.healthy).toEqual({ end: 'done', code: null });
    expect(result.defective).toEqual({ end: 'error', code: 'model-deadline' });
  });

  test('disconnect-not-propagated: the model continues after the client has gone', async () => {
    const result = await onBoth(
      'disconnect-not-propagated',
      async (target) => {
        target.model.behave(() => ({ reply: { text: 'x'.repeat(24_000), everyMs: 20 } }));
        const leaving = new AbortController();
        const turn = chat(target.url, 'Go on.', {
          signal: leaving.signal,
          onEvent: ({ event }) => event === 'delta' && leaving.abort(),
        });
        await turn.catch(() => null);
        await eventually(() => target.model.inFlight === 0, LIMIT_MS);
        return target.model.inFlight;
      },
      PATIENT,
    );
    expect(result).toEqual({ healthy: 0, defective: 1 });
  });

  test('retries-multiply: one upload costs eighteen model calls', async () => {
    const result = await onBoth(
      'retries-multiply',
      async (target) => {
        target.model.behave(() => ({ status: 429, retryAfterS: 1 }));
        const { status } = await target.upload('A', documentText('a'));
        return { status, calls: target.model.requests.length };
      },
      PATIENT,
    );
    expect(result.healthy).toEqual({ status: 502, calls: 2 });
    expect(result.defective).toEqual({ status: 502, calls: 18 });
  });
});

test('shutdown-waits-for-streams: SIGTERM does not end the server while a client listens', async () => {
  const graceMs = 1500;
  const experiment = async (target: Parameters<Parameters<typeof onBothProcesses>[1]>[0]) => {
    target.model.behave(() => ({ reply: { text: 'x'.repeat(24_000), everyMs: 20 } }));
    using _listener = await listenTo(target.url);
    const turn = chat(target.url, 'Go on.').catch(() => null);
    await eventually(() => target.model.inFlight === 1);
    const ended = once(target.process, 'exit').then(([code]) => code);
    target.process.kill('SIGTERM');
    const late = new Promise((resolve) => setTimeout(resolve, 3 * graceMs, 'late'));
    const how = await Promise.race([ended, late]);
    await target.kill('SIGKILL');
    await turn;
    return how;
  };
  const flags = ['--grace-ms', String(graceMs), ...PATIENT];
  const result = await onBothProcesses('shutdown-waits-for-streams', experiment, flags);
  expect(result).toEqual({ healthy: 0, defective: 'late' });
});

/** Begins an upload and disconnects in the middle of it. */
async function abandonUpload({ url }: Target, after: Promise<unknown>): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(
    'POST /api/v1/knowledge/documents HTTP/1.1\r\nhost: x\r\n' +
      'content-type: multipart/form-data; boundary=b\r\ncontent-length: 50000\r\n\r\n' +
      '--b\r\ncontent-disposition: form-data; name="file"; filename="a.md"\r\n\r\n' +
      'x'.repeat(20_000),
  );
  await after;
  socket.destroy();
}

test('upload-leftovers: abandoned uploads leave files and descriptors', async () => {
  const result = await onBothProcesses('upload-leftovers', async (target) => {
    const text = documentText('whole');
    expect((await target.upload('Whole', text)).status).toBe(201);
    const soon = new Promise((resolve) => setTimeout(resolve, 500));
    await Promise.all(Array.from({ length: 6 }, () => abandonUpload(target, soon)));
    const open = () => openFiles(target, (path) => path.includes('/upload-'));
    await eventually(() => open() === 0, 3000);
    const files = (await readdir(target.data)).filter((name) => name.startsWith('upload-'));
    return { open: open(), files: files.length };
  });
  expect(result.healthy).toEqual({ open: 0, files: 0 });
  expect(result.defective).toEqual({ open: 6, files: 6 });
});
