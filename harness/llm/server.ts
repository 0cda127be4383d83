/** The scripted model as an HTTP server, in this process. `start.ts` runs it in one of its own. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HanglabError, messageOf } from '../platform/errors.ts';
import { type Answer, bodyAnswer, errorAnswer } from './answer.ts';
import type { Behaviour, Rule } from './behaviour.ts';
import { answerControl, type Controls } from './control.ts';
import { conversations, type ModelEvent } from './conversation.ts';
import type { Pace } from './delivery.ts';
import { gate } from './gate.ts';
import { routeOf } from './routes.ts';
import { ruleBook } from './rules.ts';

export const DEFAULT_PACE: Pace = { ttftMs: 10, tokensPerSecond: 2000 };

export interface ModelServerOptions {
  /** Of the answers' ids; nothing else in them is left to chance. */
  seed: number;
  /** 0, the default, takes any free port. */
  port?: number;
  /** 127.0.0.1 unless given: only a container has a reason to listen wider. */
  host?: string;
  pace?: Partial<Pace>;
  onEvent?: (event: ModelEvent) => void;
}

export interface ModelServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  script(rules: readonly Rule[]): void;
  release(): void;
  /** How often each behaviour has really happened since the server began, by name. */
  hits(): Record<string, number>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const NOT_JSON = '<!doctype html><title>Sign in</title><p>This is not the page you wanted.</p>\n';

/**
 * Listens and answers until disposed of; then every request in flight ends with `shutdown`.
 * @throws HanglabError `port-busy`, `cannot-listen`.
 */
export async function createModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const { seed, port = 0, host = '127.0.0.1', onEvent = () => {} } = options;
  const pace = { ...DEFAULT_PACE, ...options.pace };
  const book = ruleBook();
  const silence = gate();
  const talks = conversations({ pace, gate: silence, book, onEvent });

  const controls: Controls = {
    script: (rules) => book.set(rules),
    release: () => silence.release(),
    hits: () => book.hits(),
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { socket, method = 'GET', url = '/' } = request;
    const path = url.split('?')[0] as string;
    // Rejects when the client goes away in the middle of its request: nobody is left to answer.
    const body = await bodyOf(request);
    if (socket.destroyed) return;
    const control = answerControl(method, path, body, controls);
    if (control) return answerAtOnce(response, control);
    const route = routeOf(method, path, body);
    if (!route) {
      const message = `Unknown request URL: ${method} ${path}.`;
      return answerAtOnce(response, errorAnswer(404, { message, code: 'unknown_url' }));
    }
    const behaviour = route.scripted ? book.choose(route.asked) : null;
    const answer =
      wrongAnswer(behaviour) ?? route.answer(seed, behaviour?.garbage === 'not-schema');
    talks.begin({ asked: route.asked, answer, behaviour, response, socket });
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      if (response.destroyed || request.errored) return;
      const message = `The scripted model itself failed: ${messageOf(error)}`;
      answerAtOnce(response, errorAnswer(500, { message, code: 'model_failed' }));
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    url: `http://${host}:${address.port}/v1`,
    port: address.port,
    ...controls,
    [Symbol.asyncDispose]: async () => {
      talks.shutDown();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerAtOnce(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers);
  response.end(Buffer.concat(answer.pieces.map(({ bytes }) => bytes)));
}

/** What a behaviour answers in place of the model, if anything. */
function wrongAnswer(behaviour: Behaviour | null): Answer | null {
  if (behaviour?.garbage === 'not-json') return bodyAnswer(200, 'text/html', NOT_JSON);
  if (behaviour?.status === undefined) return null;
  const { status, name, errorCode } = behaviour;
  const code = errorCode ?? (status === 429 ? 'rate_limit_exceeded' : null);
  return errorAnswer(status, { message: `Scripted failure: ${name}.`, code });
}

/** The body, or null when it is larger than any request we mean to answer. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): HanglabError {
  if (error.code === 'EADDRINUSE') {
    return new HanglabError(
      'port-busy',
      `The scripted model cannot listen on ${host}:${port}: another process does. Give another port, or 0 for any free one.`,
      { cause: error },
    );
  }
  return new HanglabError(
    'cannot-listen',
    `The scripted model cannot listen on ${host}:${port}: ${messageOf(error)}`,
    { cause: error },
  );
}
