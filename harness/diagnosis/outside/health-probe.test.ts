import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { probeHealth } from './health-probe.ts';

test('how late an answer may be is for the caller to say', async () => {
  const server = createServer((_request, response) => void setTimeout(() => response.end(), 900));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  const answeredWithin = async (lateMs?: number) => {
    await using probe = probeHealth(url, 200, lateMs);
    return (await probe.seen()).answered > 0;
  };
  expect(await answeredWithin()).toBe(false);
  expect(await answeredWithin(2000)).toBe(true);
});
