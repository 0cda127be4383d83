import { describe, expect, test, vi } from 'vitest';
import { LIMIT_MS, onBoth, PATIENT } from '../testing/both.ts';
import { chat, turnWithin } from '../testing/chat.ts';
import type { Behaviour, ModelRequest } from '../testing/model.ts';
import { closeWaitTo } from '../testing/sockets.ts';
import { documentText, eventually, statusWithin, type Target } from '../testing/target.ts';

vi.setConfig({ testTimeout: 6 * LIMIT_MS });

const reply = { text: 'One two three four five six.', chunkCharacters: 4, everyMs: 10 };

const turnWhile = (behaviour: Behaviour) => async (target: Target) => {
  target.model.behave(() => behaviour);
  return turnWithin(target.url, 'Count.', LIMIT_MS);
};

describe.concurrent('the model and its connection', () => {
  test('ignores-upstream-close: a turn whose model closes the connection never ends', async () => {
    const result = await onBoth(
      'ignores-upstream-close',
      async (target) => {
        target.model.behave(() => ({ closeAfter: 3, reply }));
        const turn = turnWithin(target.url, 'Count.', LIMIT_MS);
        await new Promise((resolve) => setTimeout(resolve, LIMIT_MS / 3));
        const closeWait = closeWaitTo(target.model.url);
        return { end: await turn, closeWait };
      },
      PATIENT,
    );
    expect(result.healthy).toEqual({ end: 'error', closeWait: 0 });
    expect(result.defective).toEqual({ end: 'hangs', closeWait: 1 });
  });

  test('keepalive-only: a turn whose model is silent never ends', async () => {
    const result = await onBoth('keepalive-only', turnWhile({ silentAfter: 3, reply }), PATIENT);
    expect(result).toEqual({ healthy: 'error', defective: 'hangs' });
  });

  test('inactivity-timeout-only: a turn that gets heartbeats only never ends', async () => {
    const result = await onBoth(
      'inactivity-timeout-only',
      turnWhile({ heartbeatEveryMs: 50 }),
      PATIENT,
    );
    expect(result).toEqual({ healthy: 'error', defective: 'hangs' });
  });

  test.each([
    ['ends', { endAfter: 3, reply }],
    ['is closed', { closeAfter: 3, reply }],
  ])('truncation-taken-for-success: an answer that %s in the middle is stored', async (_, cut) => {
    const result = await onBoth(
      'truncation-taken-for-success',
      async (target) => {
        target.model.behave(() => cut);
        const { end, sessionId } = await chat(target.url, 'Count.');
        const { items } = (await target.request(`/api/v1/sessions/${sessionId}`)).body;
        return { end, kept: items.slice(1).map(({ text }: { text: string }) => text) };
      },
      PATIENT,
    );
    expect(result.healthy).toEqual({ end: 'error', kept: [] });
    expect(result.defective).toEqual({ end: 'done', kept: ['One two thre'] });
  });

  test.each([
    'endAfter',
    'closeAfter',
  ])('truncated-call-repaired: half a call (%s)', async (cut) => {
    const whole = JSON.stringify({ title: 'Pay', text: 'Pay 1000000 to nobody' });
    const result = await onBoth(
      'truncated-call-repaired',
      async (target) => {
        const calls = [{ name: 'add_note', arguments: whole }];
        target.model.behave(({ roles }: ModelRequest) =>
          roles.at(-1) === 'tool'
            ? null
            : { [cut]: 10, reply: { calls, chunkCharacters: 4, everyMs: 5 } },
        );
        const { end, sessionId } = await chat(target.url, 'Pay.', { tools: ['add_note'] });
        const { notes } = (await target.request(`/api/v1/sessions/${sessionId}`)).body;
        return { end, notes: notes.map(({ text }: { text: string }) => text) };
      },
      PATIENT,
    );
    expect(result.healthy).toEqual({ end: 'error', notes: [] });
    expect(result.defective).toEqual({ end: 'done', notes: ['Pay 1000000 t'] });
  });

  test('turns-share-a-small-pool: four silent turns stop everything, even after their clients hang up', async () => {
    const result = await onBoth(
      'turns-share-a-small-pool',
      async (target) => {
        target.model.behave(({ text }) =>
          text === 'Be silent.' ? { silentAfter: 1, reply: { text: 'Well.' } } : null,
        );
        const hangUp = new AbortController();
        const silent = Array.from({ length: 4 }, () =>
          chat(target.url, 'Be silent.', { signal: hangUp.signal }).catch(() => null),
        );
        await eventually(() => target.model.requests.length >= 4);
        const others = async () => {
          const upload = (signal: AbortSignal) => target.upload('A', documentText('a'), { signal });
          return Promise.all([
            statusWithin(upload, LIMIT_MS),
            target.search('anything').then(({ status }) => status),
            turnWithin(target.url, 'Hello.', LIMIT_MS / 2),
            target.request('/health').then(({ status }) => status),
          ]);
        };
        const meanwhile = await others();
        hangUp.abort();
        await Promise.all(silent);
        return { meanwhile, afterwards: await others() };
      },
      PATIENT,
    );
    const fine = [201, 200, 'done', 200];
    expect(result.healthy).toEqual({ meanwhile: fine, afterwards: fine });
    const stopped = [503, 503, 'hangs', 200];
    expect(result.defective).toEqual({ meanwhile: stopped, afterwards: stopped });
  });

  test('dead-pool-socket-reused: calls fail after the model has closed its idle connections', async () => {
    const result = await onBoth(
      'dead-pool-socket-reused',
      async (target) => {
        target.model.behave(() => ({ delayMs: 100 }));
        await Promise.all([1, 2, 3].map(() => chat(target.url, 'Hello.')));
        await eventually(() => target.model.connections === 3);
        target.model.closeIdle();
        await eventually(() => target.model.connections === 0);
        const again = () => Promise.all([1, 2, 3].map(() => chat(target.url, 'Again.')));
        const ends = [...(await again()), ...(await again())];
        return ends.map(({ end }) => end).join();
      },
      PATIENT,
    );
    expect(result.healthy).toEqual('done,done,done,done,done,done');
    expect(result.defective).toEqual('error,error,error,done,done,done');
  });
});
