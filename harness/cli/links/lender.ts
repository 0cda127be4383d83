/** Lends the fixed ports of `hanglab links` to one run at a time, and takes them back when that has gone. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LinksDescription } from '../../environment/borrow-links.ts';
import { HanglabError, messageOf } from '../../platform/errors.ts';

/** A run that has just gone may still hold its listeners for a moment. */
const RETRY_MS = 100;
const MAX_TRIES = 50;

export interface LenderOptions {
  port: number;
  description: LinksDescription;
  /** Listens on the fixed ports, and passes through what comes. */
  open(): Promise<AsyncDisposable>;
  /** What happens, for a person. */
  say(text: string): void;
}

/** @throws HanglabError `port-busy`, and what `open` throws. */
export async function startLender(options: LenderOptions): Promise<AsyncDisposable> {
  const { port, description, open, say } = options;
  let own: AsyncDisposable | null = await open();
  let isLent = false;
  const server = createServer((request, response) => {
    // A page of some other site must not be able to borrow them.
    const isOwn = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '');
    if (!isOwn || request.headers.origin !== undefined) return reply(response, 403, {});
    if (request.method === 'GET' && request.url === '/') return reply(response, 200, description);
    if (request.method !== 'POST' || request.url !== '/borrow') return reply(response, 404, {});
    if (isLent) return reply(response, 409, {});
    isLent = true;
    void lend(response);
  });

  async function lend(response: ServerResponse): Promise<void> {
    const gone = once(response, 'close');
    await own?.[Symbol.asyncDispose]();
    own = null;
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    say('lent to a run');
    await gone;
    await takeBack();
    isLent = false;
  }

  async function takeBack(): Promise<void> {
    for (let tries = 1; own === null && server.listening; tries++) {
      try {
        own = await open();
        say('back: requests pass through again');
      } catch (error) {
        if (tries === MAX_TRIES) return say(`cannot listen again: ${messageOf(error)}`);
        await sleep(RETRY_MS);
      }
    }
  }

  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown): never => {
    throw new HanglabError('port-busy', `port ${port}: ${messageOf(error)}; give another --port`);
  });
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await own?.[Symbol.asyncDispose]();
    },
  };
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
