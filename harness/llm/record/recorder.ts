/** Passes requests on to a real model, and writes down what it answers, piece by piece. */
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Agent, request as send } from 'undici';
import { monotonicMs } from '../../platform/clock.ts';
import { EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { makeCertificate } from '../server/certificate.ts';
import { listen } from '../server/listen.ts';
import { RECORDING_FORMAT, type RecordedExchange } from './recording.ts';
import { keptHeaders, redactPath, redactText } from './redact.ts';

export interface RecorderOptions {
  /** Of the real model. */
  url: string;
  /** Must not be there yet. */
  file: string;
  port?: number;
  host?: string;
  tls?: boolean;
}

export interface ModelRecorder extends AsyncDisposable {
  /** What clients take for their base URL. */
  readonly url: string;
  /** How many exchanges have been written so far. */
  recorded(): number;
}

/** Of one connection only, or not of the body as it is passed on. */
const NOT_PASSED_ON = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const TEXT = /^(?:text\/|application\/(?:json|x-ndjson|[\w.+-]*\+json))/;

/** @throws HanglabError `recording-exists`, `cannot-record`, `port-busy`, `cannot-listen`. */
export async function startRecorder(options: RecorderOptions): Promise<ModelRecorder> {
  const { file, host = '127.0.0.1', port = 0 } = options;
  const base = new URL(options.url);
  await using opened = new AsyncDisposableStack();
  const output = await createFile(file);
  opened.defer(() => output.close());
  await output.write(
    `${JSON.stringify({ format: RECORDING_FORMAT, url: redactPath(base.href) })}\n`,
  );
  // It may think for as long as it likes: that is what is recorded.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  opened.defer(() => agent.destroy());

  let recorded = 0;
  let writing: Promise<unknown> = Promise.resolve();
  const write = (exchange: RecordedExchange): void => {
    recorded++;
    writing = writing.then(() => output.write(`${JSON.stringify(exchange)}\n`));
  };
  opened.defer(() => writing.then(() => {}));

  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    pass(request, response, base, agent, write).catch((error) => {
      if (response.headersSent) return void response.destroy();
      response.writeHead(502, { 'content-type': 'application/json' });
      const message = `${base.origin} could not be asked: ${messageOf(error)}`;
      response.end(JSON.stringify({ error: { message, type: 'server_error', code: 'recording' } }));
    });
  };
  const certificate = options.tls ? await makeCertificate(host) : null;
  const listening = await listen(handler, { host, port, certificate });
  opened.defer(() => listening.close());
  const owned = opened.move();
  return {
    url: `${listening.origin}/v1`,
    recorded: () => recorded,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Readable by its owner only: conversations are private too. */
async function createFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new HanglabError(
        'recording-exists',
        `--to ${file}: there is such a file already. Give another name, or remove it first`,
      );
    }
    throw new HanglabError('cannot-record', `--to ${file}: ${messageOf(error)}`, {
      exitCode: EXIT.cannotRunHere,
    });
  }
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  base: URL,
  agent: Agent,
  write: (exchange: RecordedExchange) => void,
): Promise<void> {
  const startMs = monotonicMs();
  const { method = 'GET', url: path = '/' } = request;
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  const body = Buffer.concat(parts);
  const gone = new AbortController();
  response.on('close', () => gone.abort());

  const answer = await send(targetOf(base, path), {
    method: method as 'POST',
    headers: passedOn(request.headers),
    body: body.length === 0 ? null : body,
    dispatcher: agent,
    signal: gone.signal,
  });
  response.writeHead(answer.statusCode, passedOn(answer.headers));
  const chunks: [number, Buffer][] = [];
  let complete = false;
  try {
    await pipeline(
      answer.body,
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          chunks.push([Math.round(10 * (monotonicMs() - startMs)) / 10, chunk]);
          yield chunk;
        }
        complete = true;
      },
      response,
    );
  } catch {
    // Either side has gone: what has come so far is what there was.
    response.destroy();
  }
  const isText = TEXT.test(String(answer.headers['content-type'] ?? ''));
  write({
    request: {
      method,
      path: redactPath(path),
      headers: keptHeaders(request.headers),
      body: redactText(body.toString('utf8')),
    },
    response: {
      status: answer.statusCode,
      headers: keptHeaders(answer.headers),
      encoding: isText ? 'utf8' : 'base64',
      chunks: isText ? asText(chunks) : chunks.map(([ms, chunk]) => [ms, chunk.toString('base64')]),
      complete,
    },
  });
}

/** `/v1` is often in both: in the URL that is given, and in the path that a client asks for. */
function targetOf(base: URL, path: string): string {
  const prefix = base.pathname.replace(/\/+$/, '');
  const isThere = prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
  return base.origin + (isThere ? path : prefix + path);
}

function passedOn(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || NOT_PASSED_ON.has(name.toLowerCase()) ? [] : [[name, value]],
    ),
  );
}

/** A character that two chunks share belongs to the second one. A key may stand in any of them. */
function asText(chunks: readonly [number, Buffer][]): [number, string][] {
  const decoder = new TextDecoder();
  return chunks.map(([ms, chunk], index) => {
    const isLast = index === chunks.length - 1;
    return [ms, redactText(decoder.decode(chunk, { stream: !isLast }))];
  });
}
