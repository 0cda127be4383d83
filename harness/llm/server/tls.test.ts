import { request } from 'node:https';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { originOf, QUESTION, startModel } from '../clients/model.test-helper.ts';
import type { ModelEvent } from '../delivery/exchange.ts';
import type { Behaviour } from '../rules/behaviour.ts';
import type { ModelServer } from './server.ts';

const BODY = JSON.stringify({
  model: 'm',
  stream: true,
  messages: [{ role: 'user', content: QUESTION }],
});

/** A chat over TLS; `ca` is what the client trusts. */
function chat(model: ModelServer, ca: string | null): Promise<{ status?: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; text: string }>();
  const options = { method: 'POST', agent: false as const, ...(ca === null ? {} : { ca }) };
  const sent = request(`${model.url}/chat/completions`, options, (answer) => {
    let text = '';
    answer.on('data', (part) => (text += part));
    answer.on('error', reject);
    answer.on('end', () => resolve({ status: answer.statusCode as number, text }));
  });
  sent.on('error', reject);
  sent.end(BODY);
  return promise;
}

test('with TLS, for clients that trust its certificate, and for no others', async () => {
  const model = await startModel({ tls: true });
  expect(originOf(model)).toMatch(/^https:\/\/127\.0\.0\.1:/);
  expect(model.certificate).toContain('BEGIN CERTIFICATE');
  expect(model.certificate).not.toContain('PRIVATE');
  const answer = await chat(model, model.certificate);
  expect(answer.text).toContain('[DONE]');
  await expect(chat(model, null)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const other = await startModel({ tls: true });
  await expect(chat(model, other.certificate)).rejects.toThrow();
});

test('cuts and resets go through TLS too', async () => {
  const endings: string[] = [];
  const onEvent = (event: ModelEvent) => {
    if (event.kind === 'model-end') endings.push(event.ending);
  };
  const model = await startModel({ tls: true, onEvent });
  const ca = model.certificate ?? '';
  /** What the client sees below HTTP, once the model has ended the answer. */
  const endOf = (behaviour: Omit<Behaviour, 'name'>): Promise<string> => {
    model.script([{ behaviour: { name: 'cut', ...behaviour } }]);
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect({ host: '127.0.0.1', port: model.port, ca });
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code));
    socket.on('end', () => resolve('end')).resume();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: model\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
    );
    return promise;
  };
  expect(await endOf({ finAfterTokens: 2 })).toBe('end');
  expect(await endOf({ resetAfterTokens: 2 })).toBe('ECONNRESET');
  expect(await endOf({ hangUp: 'reset' })).toBe('ECONNRESET');
  expect(await endOf({ hangUp: 'fin' })).toBe('end');
  await expect.poll(() => endings).toEqual(['fin', 'reset', 'reset', 'fin']);
  expect(model.hits()).toEqual({ cut: 4 });
});
