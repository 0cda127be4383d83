import { describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { LIMIT_MS, onBoth, onBothProcesses, PATIENT } from '../testing/both.ts';
import { chat, listenTo } from '../testing/chat.ts';
import { childCount, cpuMs, openFiles } from '../testing/process.ts';
import { longSession } from '../testing/sessions.ts';
import { eventually, type Target } from '../testing/target.ts';

vi.setConfig({ testTimeout: 6 * LIMIT_MS });

/** Five characters each, ten at a time. */
const tokens = (count: number) => () => ({
  reply: { text: 'abcd '.repeat(count), chunkCharacters: 5, everyMs: 5, chunksAtOnce: 10 },
});

/** Bytes per token that one client receives for an answer of `count` tokens. */
async function bytesPerToken(target: Target, count: number): Promise<number> {
  target.model.behave(tokens(count));
  using listener = await listenTo(target.url);
  await chat(target.url, 'Go on.');
  await listener.until(({ event, data }) => event === 'turn' && data.state === 'done');
  return listener.bytes / count;
}

describe('the cost of an answer for its listeners', () => {
  test.each([
    'broadcast-per-token',
    'coalesced-broadcast-only',
  ])('%s: bytes per token grow with the length of the answer', async (defect) => {
    const result = await onBothProcesses(
      defect,
      async (target) => {
        const [few, many] = [await bytesPerToken(target, 500), await bytesPerToken(target, 3000)];
        return many / few;
      },
      PATIENT,
    );
    expect(result.healthy).toBeLessThan(1.5);
    expect(result.defective).toBeGreaterThan(3 * result.healthy);
  });

  test('stats-rescanned-per-event: CPU time grows with the length of the session', async () => {
    const result = await onBothProcesses(
      'stats-rescanned-per-event',
      async (target) => {
        const turnIn = async (messages: number) => {
          const sessionId = await longSession(target, messages);
          target.model.behave(tokens(500));
          const before = cpuMs(target);
          await chat(target.url, 'Go on.', { sessionId });
          return cpuMs(target) - before;
        };
        await turnIn(10);
        return { short: await turnIn(10), long: await turnIn(892) };
      },
      PATIENT,
    );
    expect(result.defective.long).toBeGreaterThan(3 * result.defective.short);
    expect(result.defective.long).toBeGreaterThan(3 * result.healthy.long);
  });

  test('process-per-event: child processes remain', async () => {
    const result = await onBothProcesses(
      'process-per-event',
      async (target) => {
        target.model.behave(tokens(60));
        await chat(target.url, 'Go on.');
        return childCount(target);
      },
      PATIENT,
    );
    expect(result).toEqual({ healthy: 0, defective: 60 });
  });
});

describe('session files', () => {
  test('listing-rescans-everything: each listing costs as much as the first', async () => {
    const result = await onBothProcesses('listing-rescans-everything', async (target) => {
      for (let n = 0; n < 60; n++) await longSession(target, 60);
      const list = () => target.request('/api/v1/sessions?limit=1');
      expect((await list()).body.sessions).toBe(60);
      await list();
      const before = cpuMs(target);
      await Promise.all(Array.from({ length: 20 }, list));
      return cpuMs(target) - before;
    });
    expect(result.defective).toBeGreaterThan(3 * result.healthy);
  });

  test('session-files-left-open: each listing opens them again', async () => {
    const result = await onBothProcesses('session-files-left-open', async (target) => {
      for (let n = 0; n < 5; n++) await longSession(target, 4);
      for (let n = 0; n < 4; n++) await target.request('/api/v1/sessions');
      return openFiles(target, (path) => path.endsWith('.jsonl'));
    });
    expect(result).toEqual({ healthy: 0, defective: 20 });
  });
});

describe('clients', () => {
  test('slow-reader-buffered: a client that does not read is never dropped', async () => {
    const experiment = async (target: Target) => {
      using stopped = await listenTo(target.url);
      stopped.socket.pause();
      const message = '\u0001'.repeat(9000);
      for (let n = 0; n < 200; n++) await chat(target.url, message);
      stopped.socket.resume();
      const all = () => stopped.events.filter(({ event }) => event === 'message').length === 200;
      await eventually(() => stopped.closed || all());
      return { dropped: stopped.closed, gotAll: all() };
    };
    const result = await onBoth('slow-reader-buffered', experiment, ['--ping-ms', '600000']);
    expect(result.healthy).toEqual({ dropped: true, gotAll: false });
    expect(result.defective).toEqual({ dropped: false, gotAll: true });
  });

  test('vanished-clients-kept: a client that does not answer pings stays', async () => {
    const experiment = async (target: Target) => {
      const url = `${target.url.replace('http', 'ws')}/api/v1/events`;
      const vanished = new WebSocket(url, { autoPong: false });
      vanished.on('error', () => {});
      await new Promise((resolve) => vanished.once('open', resolve));
      const dropped = await eventually(() => vanished.readyState === WebSocket.CLOSED, 3000);
      vanished.terminate();
      return dropped;
    };
    const result = await onBoth('vanished-clients-kept', experiment, ['--ping-ms', '200']);
    expect(result).toEqual({ healthy: true, defective: false });
  });
});
