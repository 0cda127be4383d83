import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Behaviour } from '../testing/model.ts';
import { documentText, eventually, startTargetHere, type Target } from '../testing/target.ts';

let target: Target;
beforeAll(async () => {
  target = await startTargetHere({ flags: ['--permits', '1'] });
});
afterAll(() => target[Symbol.asyncDispose]());
beforeEach(() => target.model.behave(null));

const { requestMs } = { requestMs: 2000 };

async function uploadAgainst(behaviour: Behaviour) {
  const before = target.model.requests.length;
  target.model.behave((request) => (request.schema === 'topics' ? behaviour : null));
  const answer = await target.upload('Refused', documentText('refused'));
  const attempts = target.model.requests.slice(before).filter((r) => r.schema === 'topics');
  return { ...answer, attempts: attempts.length };
}

describe('an answer that does not come whole is an upload that fails in time', () => {
  test.each<[string, Behaviour, number, string, number, number]>([
    [
      'silent from the sixth piece on',
      { silentAfter: 5 },
      504,
      'model-silent',
      2,
      requestMs * 0.75,
    ],
    ['comments for ever', { heartbeatEveryMs: 50 }, 504, 'model-silent', 2, requestMs * 0.75],
    ['a byte now and then', { dripEveryMs: 50 }, 504, 'model-silent', 2, requestMs * 0.75],
    ['no headers', { hold: true }, 504, 'deadline', 2, requestMs * 1.5],
    ['ends without saying so', { endAfter: 3 }, 502, 'model-truncated', 2, requestMs * 0.75],
    ['reset', { resetAfter: 3 }, 502, 'model-connection', 2, requestMs * 0.75],
    ['not JSON', { garbage: true }, 502, 'model-truncated', 2, requestMs * 0.75],
    ['500', { status: 500 }, 502, 'model-status', 2, requestMs * 0.75],
    ['400', { status: 400 }, 502, 'model-status', 1, requestMs * 0.75],
    [
      '429 for longer than the deadline',
      { status: 429, retryAfterS: 30 },
      502,
      'model-status',
      1,
      requestMs / 2,
    ],
  ])('%s', async (_name, behaviour, status, code, attempts, withinMs) => {
    const answer = await uploadAgainst(behaviour);
    expect(answer).toMatchObject({ status, body: { error: { code } }, attempts });
    expect(answer.durationMs).toBeLessThan(withinMs);
    expect(await eventually(() => target.model.inFlight === 0)).toBe(true);
    expect((await target.counts()).documents.pending).toBe(0);
  });
});

test('a failure that passes is tried again, after as long as the model asked for', async () => {
  let refusals = 1;
  target.model.behave((request) =>
    request.schema === 'topics' && refusals-- > 0 ? { status: 429, retryAfterS: 1 } : null,
  );
  const answer = await target.upload('Second try', documentText('second'));
  expect(answer.status).toBe(201);
  expect(answer.durationMs).toBeGreaterThanOrEqual(990);
});

test('while one upload waits out its back-off, the only permit is free for others', async () => {
  target.model.behave((request) =>
    request.text.includes('patient') && request.schema === 'topics'
      ? { status: 503, retryAfterS: 1 }
      : null,
  );
  const seen = target.model.requests.length;
  const patient = target.upload('Patient', documentText('patient'));
  expect(await eventually(() => target.model.requests.length > seen)).toBe(true);
  const other = await target.upload('Other', documentText('other'));
  expect(other.status).toBe(201);
  expect((await patient).durationMs).toBeGreaterThan(other.durationMs);
  expect((await patient).status).toBe(502);
});

test('waiting for a permit is bounded too', async () => {
  target.model.behave((request) => (request.schema === 'topics' ? { hold: true } : null));
  const answers = await Promise.all([1, 2, 3].map((n) => target.upload(`${n}`, documentText('w'))));
  for (const { status, durationMs } of answers) {
    expect([503, 504]).toContain(status);
    expect(durationMs).toBeLessThan(requestMs * 1.5);
  }
});

describe('the client', () => {
  const open = async () => {
    const form = new FormData();
    form.set('title', 'A client of its own');
    form.set('file', new Blob([documentText('client', 3000)]), 'a.md');
    const body = new Response(form);
    const bytes = Buffer.from(await body.arrayBuffer());
    const head = [
      'POST /api/v1/knowledge/documents HTTP/1.1',
      'host: x',
      `content-type: ${body.headers.get('content-type')}`,
      `content-length: ${bytes.length}`,
    ];
    const socket = connect({
      host: '127.0.0.1',
      port: Number(new URL(target.url).port),
      allowHalfOpen: true,
    });
    socket.on('error', () => {});
    socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]));
    return socket;
  };

  test.each([
    'resetAndDestroy',
    'destroy',
  ] as const)('gone (%s): the model is let go', async (end) => {
    target.model.behave((request) =>
      request.schema === 'topics' ? { silentAfter: 0, delayMs: 1000 } : null,
    );
    const { abandoned } = target.model;
    const socket = await open();
    expect(await eventually(() => target.model.inFlight === 1)).toBe(true);
    socket[end]();
    const goneAt = performance.now();
    expect(await eventually(() => target.model.abandoned > abandoned)).toBe(true);
    // Well before the model would have said anything, and before any deadline.
    expect(performance.now() - goneAt).toBeLessThan(900);
    target.model.behave(null);
    expect((await target.upload('Next', documentText('next'))).status).toBe(201);
  });

  test('half-closed: it still gets its answer', async () => {
    target.model.behave((request) => (request.schema === 'topics' ? { delayMs: 400 } : null));
    const socket = await open();
    socket.end();
    let text = '';
    for await (const bytes of socket) text += bytes;
    const answers = text.split(/(?=HTTP\/1\.1 )/);
    expect(answers.at(-1)).toMatch(/^HTTP\/1\.1 201 /);
    expect(answers.slice(0, -1).every((interim) => interim.startsWith('HTTP/1.1 102'))).toBe(true);
  });
});
