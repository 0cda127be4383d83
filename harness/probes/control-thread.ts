/**
 * The control server: answers at once, in a thread of its own. It is probed at the same instants as the
 * target's health; where it is late too, the machine is slow and not the target.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
  response.end('{"status":"ok"}');
});
// A connection of hanglab's own is closed by the answer, so nothing idle stays open.
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  parentPort?.postMessage({ url: `http://127.0.0.1:${port}/` });
});
