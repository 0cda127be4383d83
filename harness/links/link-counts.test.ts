/** What went over a link, counted by the embedded Toxiproxy, whatever a toxic does with it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { startToxiproxy } from './toxiproxy.ts';

test('bytes and connections are counted, open, closed, and swallowed by a toxic', async () => {
  const echo = createServer((socket) => socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const { port } = echo.address() as AddressInfo;
  await using toxiproxy = await startToxiproxy({ provider: 'embedded', seed: 1 });
  const link = await toxiproxy.link({ name: 'echo', upstream: `127.0.0.1:${port}` });
  expect(await link.counts()).toMatchObject({ connections: 0, requestBytes: 0 });
  const say = async (text: string, isAnswered: boolean): Promise<void> => {
    const socket = connect({ host: link.host, port: link.port });
    socket.write(text);
    if (isAnswered) await once(socket, 'data');
    else await expect.poll(async () => (await link.counts())?.openConnections).toBe(1);
    socket.destroy();
    await expect.poll(async () => (await link.counts())?.openConnections).toBe(0);
  };
  for (let i = 0; i < 120; i++) await say('12345', true);
  expect(await link.counts()).toEqual({
    openConnections: 0,
    connections: 120,
    requestBytes: 600,
    answerBytes: 600,
  });
  await using _ = await link.toxic({
    type: 'timeout',
    stream: 'upstream',
    attributes: { timeout: 0 },
  });
  await say('1234567', false);
  expect(await link.counts()).toMatchObject({ requestBytes: 607, answerBytes: 600 });
  echo.close();
});
