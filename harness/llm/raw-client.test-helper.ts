/** A client that sees the bytes: what came, in what framing, and how the connection ended. */
import { connect } from 'node:net';

export interface RawAnswer extends Disposable {
  /** All that has come so far, head included. */
  text(): string;
  /** The sizes of the chunks of a chunked body, its terminator (0) included. */
  chunkSizes(): number[];
  /** The body without its framing. */
  body(): string;
  /** The tokens that have come in a stream's whole events. */
  tokens(): string[];
  /** `open` until the server ends its half (`fin`) or resets the connection (`reset`). */
  state(): 'open' | 'fin' | 'reset';
  /** Ends our half. */
  hangUp(): void;
  send(more: string): void;
  /** Sends a blank line: to a server that has let go of both halves the second one is an error. */
  nudge(): void;
  /** Both halves have ended. */
  closed(): boolean;
}

/** Sends one POST, keeping its own half open whatever the server does. */
export function postRaw(
  port: number,
  path: string,
  request: object,
  headers: Record<string, string> = {},
): RawAnswer {
  const content = JSON.stringify(request);
  const more = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return sendRaw(
    port,
    `POST ${path} HTTP/1.1\r\nhost: model\r\n${more}content-length: ${Buffer.byteLength(content)}\r\n\r\n${content}`,
  );
}

/** Sends `head`, whatever that is. */
export function sendRaw(port: number, head: string): RawAnswer {
  const received: Buffer[] = [];
  let state: 'open' | 'fin' | 'reset' = 'open';
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('data', (data) => received.push(data));
  socket.on('end', () => {
    state = 'fin';
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE') state = 'reset';
  });
  socket.write(head);

  const text = (): string => Buffer.concat(received).toString();
  const rawBody = (): string => text().slice(text().indexOf('\r\n\r\n') + 4);
  const chunks = (): string[] => {
    const all: string[] = [];
    for (let rest = rawBody(); rest.includes('\r\n'); ) {
      const size = Number.parseInt(rest, 16);
      const from = rest.indexOf('\r\n') + 2;
      all.push(rest.slice(from, from + size));
      rest = rest.slice(from + size + 2);
    }
    return all;
  };
  const body = (): string =>
    /transfer-encoding: chunked/i.test(text()) ? chunks().join('') : rawBody();
  return {
    text,
    body,
    chunkSizes: () => chunks().map(({ length }) => length),
    tokens: () =>
      [...body().matchAll(/^data: (\{.*\})\n\n/gm)].flatMap(
        ([, json]) => JSON.parse(json as string).choices[0]?.delta.content || [],
      ),
    state: () => state,
    hangUp: () => socket.end(),
    send: (more) => socket.write(more),
    nudge: () => socket.write('\r\n'),
    closed: () => socket.closed,
    [Symbol.dispose]: () => socket.destroy(),
  };
}
