/** A small test model with the OpenAI protocol: deterministic, with faults that a test sets. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { answer, type Behaviour, type ModelRequest } from './model-answer.ts';

export type { Behaviour, ModelRequest };

export interface TestModel extends AsyncDisposable {
  readonly url: string;
  readonly requests: ModelRequest[];
  /** Requests in progress, and requests that the client abandoned. */
  readonly inFlight: number;
  readonly abandoned: number;
  /** Open connections, with or without a request. */
  readonly connections: number;
  /** Sets how all further requests are answered; null: all well. */
  behave(decide: ((request: ModelRequest) => Behaviour | null) | null): void;
  /** Closes its side of every connection that has no request. */
  closeIdle(): void;
}

export async function startTestModel(): Promise<TestModel> {
  const requests: ModelRequest[] = [];
  const sockets = new Map<Socket, number>();
  let decide: ((request: ModelRequest) => Behaviour | null) | null = null;
  let inFlight = 0;
  let abandoned = 0;

  const server = createServer(async (incoming, response) => {
    const { socket } = incoming;
    sockets.set(socket, (sockets.get(socket) ?? 0) + 1);
    const body = JSON.parse(await textOf(incoming));
    const request = describe(incoming, body, requests.length);
    requests.push(request);
    inFlight++;
    response.once('close', () => {
      inFlight--;
      if (sockets.has(socket)) sockets.set(socket, (sockets.get(socket) ?? 1) - 1);
      if (!response.writableFinished) abandoned++;
    });
    const behaviour = decide?.(request) ?? {};
    await answer(response, request, body.input ?? [], behaviour);
  });
  // Idle connections stay open until a test closes them.
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: Socket) => {
    sockets.set(socket, 0);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get inFlight() {
      return inFlight;
    },
    get abandoned() {
      return abandoned;
    },
    get connections() {
      return sockets.size;
    },
    behave: (next) => {
      decide = next;
    },
    closeIdle() {
      for (const [socket, busy] of sockets) if (busy === 0) socket.destroySoon();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      for (const socket of sockets.keys()) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function describe(
  incoming: IncomingMessage,
  // biome-ignore lint/suspicious/noExplicitAny: a request of any shape
  body: any,
  index: number,
): ModelRequest {
  const embeddings = incoming.url?.endsWith('/embeddings') ?? false;
  const messages: { role: string; content: string }[] = body.messages ?? [];
  return {
    link: embeddings ? 'embeddings' : 'llm',
    schema: body.response_format?.json_schema?.name ?? null,
    subject: body.user ?? null,
    text: embeddings ? body.input.join('\n') : (messages.at(-1)?.content ?? ''),
    roles: messages.map(({ role }) => role),
    prompt: messages.map(({ content }) => content).join('\n'),
    tools: (body.tools ?? []).map((tool: { function: { name: string } }) => tool.function.name),
    index,
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const bytes of incoming) pieces.push(bytes);
  return Buffer.concat(pieces).toString('utf8');
}
