/** What calls itself an inspector and is none: hanglab reports it, and goes on. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { takeSnapshot } from '../awaits/take-snapshot.ts';
import { openWire } from '../inspector/wire.ts';

describe('an inspector that sends', { timeout: 30_000 }, () => {
  test.each([
    ['no JSON', 'hello'],
    ['a snapshot without a head', chunk('"nodes":[1,2')],
    ['a snapshot larger than any memory', chunk(head(4e9))],
    ['an error', JSON.stringify({ id: 1, error: { message: 'no such command' } })],
  ])('%s', async (_, text) => {
    await using fake = await fakeInspector(text);
    const wire = await openWire(fake.url);
    const inspector = { ...wire, pid: 0, port: 0, async [Symbol.asyncDispose]() {} };
    await expect(takeSnapshot(inspector, 1000)).rejects.toMatchObject({
      code: expect.stringMatching(/^inspector-(failed|silent)$/),
    });
    wire.hangUp();
  });
});

function chunk(text: string): string {
  const method = 'HeapProfiler.addHeapSnapshotChunk';
  return JSON.stringify({ method, params: { chunk: text } });
}

function head(count: number): string {
  const meta = { node_fields: ['type'], edge_fields: ['type'], node_types: [[]], edge_types: [[]] };
  const snapshot = JSON.stringify({ meta, node_count: count, edge_count: count });
  return `{"snapshot":${snapshot},"nodes":[1`;
}

/** Takes one WebSocket, and answers whatever comes with this text. */
async function fakeInspector(text: string) {
  const server = createServer();
  server.on('upgrade', (request, socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const payload = Buffer.from(text);
      const size = Buffer.alloc(2);
      size.writeUInt16BE(payload.length);
      socket.write(Buffer.concat([Buffer.from([0x81, 126]), size, payload]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}/fake`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
