/** A small OpenAI stand-in for the tests of this folder: deterministic, and as wrong as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hash32 } from '../../harness/platform/random.ts';

export interface ModelRequest {
  link: 'llm' | 'embeddings';
  /** The name of the JSON schema asked for; null for embeddings. */
  schema: string | null;
  subject: string | null;
  text: string;
  /** How many requests came before it, of any kind. */
  index: number;
}

/** How a request is answered; nothing of it: at once and well. */
export interface Behaviour {
  delayMs?: number;
  /** Never answers, not even headers. */
  hold?: boolean;
  /** Sends this many pieces, then nothing, with the connection open. */
  silentAfter?: number;
  /** Sends this many pieces, then ends the answer as if it were whole. */
  endAfter?: number;
  /** Sends this many pieces, then resets the connection. */
  resetAfter?: number;
  status?: number;
  retryAfterS?: number;
  /** A 200 that is not what was asked for. */
  garbage?: boolean;
  /** Pieces of one byte, at this interval, for ever. */
  dripEveryMs?: number;
  /** Comments at this interval, and no content, for ever. */
  heartbeatEveryMs?: number;
}

export interface TestModel extends AsyncDisposable {
  readonly url: string;
  readonly requests: ModelRequest[];
  /** Requests under way now, and requests that the other side hung up on. */
  readonly inFlight: number;
  readonly abandoned: number;
  /** Decides on every request from now on; null: all are answered well. */
  behave(decide: ((request: ModelRequest) => Behaviour | null) | null): void;
}

const DIMENSIONS = 256;

export async function startTestModel(): Promise<TestModel> {
  const requests: ModelRequest[] = [];
  let decide: ((request: ModelRequest) => Behaviour | null) | null = null;
  let inFlight = 0;
  let abandoned = 0;

  const server = createServer(async (incoming, response) => {
    const body = JSON.parse(await textOf(incoming));
    const request = describe(incoming, body, requests.length);
    requests.push(request);
    inFlight++;
    response.once('close', () => {
      inFlight--;
      if (!response.writableFinished) abandoned++;
    });
    const behaviour = decide?.(request) ?? {};
    await answer(response, request, body, behaviour);
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
    behave: (next) => {
      decide = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  response: ServerResponse,
  request: ModelRequest,
  body: { input?: string[] },
  behaviour: Behaviour,
): Promise<void> {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  if (behaviour.hold) return;
  if (behaviour.delayMs) await wait(behaviour.delayMs);
  if (behaviour.status) {
    if (behaviour.retryAfterS) response.setHeader('retry-after', behaviour.retryAfterS);
    response.writeHead(behaviour.status);
    response.end(JSON.stringify({ error: { message: 'told to' } }));
    return;
  }
  const pieces = behaviour.garbage ? ['<html>'] : piecesOf(request, body);
  const type = request.link === 'llm' ? 'text/event-stream' : 'application/json';
  response.writeHead(200, { 'content-type': type });
  if (behaviour.heartbeatEveryMs)
    return forever(response, behaviour.heartbeatEveryMs, ': alive\n\n');
  if (behaviour.dripEveryMs) return forever(response, behaviour.dripEveryMs, ' ');
  for (const [i, piece] of pieces.entries()) {
    if (i === behaviour.silentAfter) return;
    if (i === behaviour.endAfter) return void response.end();
    if (i === behaviour.resetAfter) return void response.socket?.resetAndDestroy();
    response.write(piece);
  }
  response.end();
}

function forever(response: ServerResponse, everyMs: number, piece: string): void {
  const timer = setInterval(() => response.write(piece), everyMs);
  response.once('close', () => clearInterval(timer));
  response.write(piece);
}

function piecesOf(request: ModelRequest, body: { input?: string[] }): string[] {
  if (request.link === 'embeddings') {
    const data = (body.input ?? []).map((text, index) => ({ index, embedding: embed(text) }));
    const json = JSON.stringify({ data });
    return [json.slice(0, 40), json.slice(40)];
  }
  const sentences = request.text.split(/(?<=[.!?])\s+/).filter((text) => text.length > 3);
  const content =
    request.schema === 'topics'
      ? { topics: thirds(sentences).map((text, i) => ({ title: `Topic ${i + 1}`, text })) }
      : { facts: sentences.slice(0, 3) };
  const tokens = JSON.stringify(content).match(/.{1,24}/gs) ?? [];
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  return [
    ...tokens.map((token) => chunk({ content: token }, null)),
    chunk({}, 'stop'),
    'data: [DONE]\n\n',
  ];
}

/** The document in three topics of up to 600 characters. */
function thirds(sentences: string[]): string[] {
  const third = Math.ceil(sentences.length / 3);
  return [0, 1, 2]
    .map((i) =>
      sentences
        .slice(i * third, (i + 1) * third)
        .join(' ')
        .slice(0, 600),
    )
    .map((text) => text || 'Nothing more.');
}

/** Words hashed to places of a vector: texts with the same words are near each other. */
function embed(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const word of text.toLowerCase().match(/[a-z0-9]+/g) ?? []) {
    const place = hash32(word) % DIMENSIONS;
    vector[place] = (vector[place] as number) + 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

function describe(
  incoming: IncomingMessage,
  // biome-ignore lint/suspicious/noExplicitAny: a request of any shape
  body: any,
  index: number,
): ModelRequest {
  const embeddings = incoming.url?.endsWith('/embeddings') ?? false;
  return {
    link: embeddings ? 'embeddings' : 'llm',
    schema: body.response_format?.json_schema?.name ?? null,
    subject: body.user ?? null,
    text: embeddings ? body.input.join('\n') : body.messages.at(-1).content,
    index,
  };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const bytes of incoming) text += bytes;
  return text;
}
