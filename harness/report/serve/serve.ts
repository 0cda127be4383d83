/**
 * Serves the page of a run in progress to this machine. Whoever has the address may read it: it has a random
 * token, the server listens on 127.0.0.1 only, and a request for another host (a name of somebody else's
 * that leads here) is refused.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { filesOf } from '../data/run-folder.ts';
import { pageHtml } from '../page/html.ts';
import { type LiveRun, liveRun } from './live-run.ts';

export interface ServedRun extends AsyncDisposable {
  /** With the token: `http://127.0.0.1:PORT/TOKEN/`. */
  readonly url: string;
  /** Resolves when the run has ended; the page is served on. */
  readonly ended: Promise<void>;
}

/** Comments keep a connection open that nothing else is sent over. */
const KEEP_ALIVE_MS = 15_000;
/** A page that is drawn more often than this is not easier to read. */
const CHANGE_EVERY_MS = 1000;

/** @throws HanglabError `cannot-listen` when the port is taken. */
export async function serveRun(folder: string, port = 0): Promise<ServedRun> {
  const token = randomBytes(16).toString('hex');
  const run = liveRun(folder);
  const readers = new Set<ServerResponse>();
  const stop = new AbortController();
  const server = createServer((request, response) => {
    answer(request, response, { folder, token, run, readers, port: portOf() }).catch((error) => {
      if (!response.headersSent) response.writeHead(500, HEADERS);
      response.end(messageOf(error));
    });
  });
  const portOf = (): number => (server.address() as AddressInfo).port;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new HanglabError('cannot-listen', `port ${port}: ${messageOf(error)}`, {
      exitCode: EXIT.usage,
    });
  });
  const send = (text: string): void => {
    for (const reader of readers) reader.write(text);
  };
  let isDue = false;
  const changed = (): void => {
    isDue = true;
  };
  const tick = setInterval(() => {
    if (isDue) send('event: changed\ndata: \n\n');
    isDue = false;
  }, CHANGE_EVERY_MS);
  const keepAlive = setInterval(() => send(':\n\n'), KEEP_ALIVE_MS);
  const ended = run.follow(changed, stop.signal).then(() => send('event: ended\ndata: \n\n'));
  return {
    url: `http://127.0.0.1:${portOf()}/${token}/`,
    ended,
    async [Symbol.asyncDispose]() {
      clearInterval(tick);
      clearInterval(keepAlive);
      stop.abort();
      await ended.catch(() => {});
      server.close();
      server.closeAllConnections();
    },
  };
}

const HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
} as const;

interface Served {
  folder: string;
  token: string;
  run: LiveRun;
  readers: Set<ServerResponse>;
  port: number;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { folder, token, run, readers, port }: Served,
): Promise<void> {
  const refuse = (status: number, text: string): void => {
    response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain' }).end(`${text}\n`);
  };
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(request.headers.host ?? '')) return refuse(421, 'not this host');
  const [, given = '', name = '', ...deeper] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
  if (!isSame(given, token) || deeper.length > 0) return refuse(404, 'no such page');
  if (request.method !== 'GET') return refuse(405, 'only GET');
  if (name === '') {
    const html = await pageHtml(run.page(), true);
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(html);
  } else if (name === 'data.json') {
    const packed = await promisify(gzip)(JSON.stringify(run.page()));
    const type = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    response.writeHead(200, { ...HEADERS, ...type }).end(packed);
  } else if (name === 'events') {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' });
    response.write(run.hasEnded ? 'event: ended\ndata: \n\n' : ':\n\n');
    readers.add(response);
    response.once('close', () => readers.delete(response));
  } else {
    // Only files that a run leaves behind, by their names.
    const file = filesOf(folder).find((each) => each.name === name);
    if (!file) return refuse(404, 'no such file');
    const type = { 'content-type': 'application/octet-stream' };
    response.writeHead(200, { ...HEADERS, ...type, 'content-disposition': 'attachment' });
    pipeline(createReadStream(join(folder, name)), response, () => {});
  }
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
