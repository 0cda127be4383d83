/** A WebSocket as a stream: the request's body is the first message, and what comes back are its pieces. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { HttpRequest, OpenAnswer } from './http-message.ts';

/** Codes of a close that was meant: done, and going away. */
const RIGHT_CLOSES: readonly number[] = [1000, 1001, 1005];

/**
 * Opens one at `baseUrl` (http) and sends the first message.
 * @returns an answer that says why when the server does not switch to the protocol. Rejects when the
 * connection breaks; so does its body when it is closed in another way than a server that is done would.
 */
export async function openWebSocket(
  baseUrl: string,
  { path, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<OpenAnswer> {
  signal.throwIfAborted();
  const socket = new WebSocket(baseUrl.replace(/^http/, 'ws') + path, {
    headers: { ...headers },
    perMessageDeflate: false,
  });
  const leave = (): void => socket.terminate();
  signal.addEventListener('abort', leave);
  socket.once('close', () => signal.removeEventListener('abort', leave));
  // Told by `once` below, or by the close that follows.
  socket.on('error', () => {});
  // From here on, since messages may come in the same packet as the answer to the upgrade.
  const messages = messagesOf(socket, arriving(socket), signal);
  const refused = new Promise<IncomingMessage>((resolve) => {
    socket.once('unexpected-response', (_request, response) => resolve(response));
  });
  const answer = await Promise.race([once(socket, 'open'), refused]).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  if (!Array.isArray(answer)) return refusal(answer);
  if (body?.kind === 'text') socket.send(body.text);
  return { status: 101, headers: {}, body: Object.assign(messages, { text: async () => '' }) };
}

function refusal(response: IncomingMessage): OpenAnswer {
  const text = async (): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  };
  const body = Object.assign(response as AsyncIterable<Uint8Array>, { text });
  return { status: response.statusCode ?? 0, headers: {}, body };
}

async function* messagesOf(
  socket: WebSocket,
  messages: AsyncIterable<string>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  try {
    yield* messages;
  } finally {
    // Leaving the loop that reads them closes it too.
    if (signal.aborted) socket.terminate();
    else socket.close();
  }
}

function arriving(socket: WebSocket): AsyncIterable<string> {
  const waiting: string[] = [];
  let closed: { code: number; reason: string } | null = null;
  let wake = Promise.withResolvers<void>();
  socket.on('message', (data: Buffer) => {
    waiting.push(data.toString('utf8'));
    wake.resolve();
  });
  socket.on('close', (code: number, reason: Buffer) => {
    closed = { code, reason: reason.toString('utf8') };
    wake.resolve();
  });
  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (closed !== null) {
          const { code, reason } = closed;
          if (RIGHT_CLOSES.includes(code)) return;
          throw new Error(`the WebSocket was closed with code ${code}${reason && `: ${reason}`}`);
        } else {
          wake = Promise.withResolvers();
          await wake.promise;
        }
      }
    },
  };
}
