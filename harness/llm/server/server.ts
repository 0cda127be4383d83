/** The scripted model as an HTTP server, in this process. `start.ts` runs it in one of its own. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { messageOf } from '../../platform/errors.ts';
import { hash32 } from '../../platform/random.ts';
import type { Answer } from '../answers/answer.ts';
import type { Script } from '../answers/completion.ts';
import { exchanges, type ModelEvent } from '../delivery/exchange.ts';
import { gate } from '../delivery/gate.ts';
import type { Pace } from '../delivery/pace.ts';
import { createRouter } from '../protocols/router.ts';
import { ruleBook } from '../rules/rule-book.ts';
import { checkUpstreams, type Rule } from '../rules/rules.ts';
import { makeCertificate } from './certificate.ts';
import { answerControl, CONTROL_PREFIX, type Controls } from './control.ts';
import { addCors, answerPreflight } from './cors.ts';
import { journal } from './journal.ts';
import { listen, type Port } from './listen.ts';
import { answerAsRuled } from './ruled-answer.ts';
import { type Incoming, type Understood, understand } from './understand.ts';

export const DEFAULT_PACE: Pace = { ttftMs: 10, tokensPerSecond: 2000 };

export interface ModelServerOptions {
  /** Of the answers' ids and of what a schema leaves to chance; nothing else in them is. */
  seed: number;
  /** 0, the default, takes any free port. */
  port?: number;
  /** 127.0.0.1 unless given: only a container has a reason to listen wider. */
  host?: string;
  /** Further ports, by the name that rules call them by (`when.upstream`); 0 is any free one. */
  upstreams?: Readonly<Record<string, number>>;
  pace?: Partial<Pace>;
  /** What answers in text are like, where no rule says otherwise. */
  answers?: Pick<Script, 'answerTokens' | 'tokensPerEvent'>;
  rules?: readonly Rule[];
  /** Refuses requests that do not carry it, as a bearer token or in a header that providers use. */
  apiKey?: string;
  /** Speaks TLS, with a certificate that is made now. */
  tls?: boolean;
  /** Answers from elsewhere, asked before the model's own: a recording, say. */
  answerFrom?: (incoming: Incoming) => Understood | Promise<Understood>;
  onEvent?: (event: ModelEvent) => void;
}

export interface ModelServer extends AsyncDisposable {
  /** The base URL that OpenAI clients take; others take it without `/v1`. */
  readonly url: string;
  readonly port: number;
  readonly upstreams: Readonly<Record<string, { url: string; port: number }>>;
  /** PEM of what clients have to trust; null without TLS. */
  readonly certificate: string | null;
  /** @throws HanglabError `bad-rules` when a rule names an upstream that there is none of. */
  script(rules: readonly Rule[]): void;
  release(): void;
  /** How often each behaviour has taken effect since the server began, by name. */
  hits(): Record<string, number>;
}

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * Listens and answers until disposed of; then every request in flight ends with `shutdown`.
 * @throws HanglabError `port-busy`, `cannot-listen`, `bad-rules`.
 */
export async function createModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const { seed, port = 0, host = '127.0.0.1', upstreams = {}, onEvent = () => {} } = options;
  const pace = { ...DEFAULT_PACE, ...options.pace };
  const certificate = options.tls ? await makeCertificate(host) : null;
  const book = ruleBook();
  const silence = gate();
  const log = journal();
  const onEnd = log.onEnd;
  const inFlight = exchanges({ pace, gate: silence, book, onEvent, onEnd });
  const router = createRouter();
  let requests = 0;

  const controls: Controls = {
    script: (rules) => {
      checkUpstreams(rules, Object.keys(upstreams));
      book.set(rules);
    },
    rules: () => book.rules,
    release: () => silence.release(),
    hits: () => book.hits(),
    requests: () => log.json(inFlight),
    certificate: certificate?.certificate ?? null,
  };
  controls.script(options.rules ?? []);

  const handle = async (
    request: IncomingMessage,
    response: ServerResponse,
    upstream: string | null,
  ): Promise<void> => {
    const { socket, method = 'GET', url = '/' } = request;
    const path = url.split('?')[0] as string;
    const body = await bodyOf(request);
    if (socket.destroyed) return;
    if (path.startsWith(CONTROL_PREFIX)) {
      return answerAtOnce(response, answerControl(request, path, body, controls));
    }
    addCors(response);
    if (method === 'OPTIONS') return answerPreflight(request, response);
    const requestId = `req_${hash32(`${seed}:${++requests}`).toString(16).padStart(8, '0')}`;
    const incoming: Incoming = { request, method, path, body, requestId, apiKey: options.apiKey };
    const found = await (options.answerFrom?.(incoming) ?? understand(incoming, router));
    const { asked, provider, question } = found;
    response.setHeader(provider.requestIdHeader, requestId);
    const about = { ...asked, upstream };
    const behaviour = found.isScripted ? book.choose(about) : null;
    const context = { behaviour, provider, requestId, seed, answers: options.answers ?? {} };
    const answer = answerAsRuled(question, context);
    inFlight.begin({ requestId, method, asked: about, answer, behaviour, response, socket });
  };

  const listenerFor =
    (upstream: string | null): RequestListener =>
    (request, response) => {
      handle(request, response, upstream).catch((error) => {
        if (response.destroyed || request.errored) return;
        response.writeHead(500, { 'content-type': 'application/json' });
        const message = `The scripted model itself failed: ${messageOf(error)}`;
        response.end(
          JSON.stringify({ error: { message, type: 'server_error', code: 'model_failed' } }),
        );
      });
    };

  await using opened = new AsyncDisposableStack();
  const open = async (name: string | null, wanted: number): Promise<Port> => {
    const made = await listen(listenerFor(name), { host, port: wanted, certificate });
    opened.defer(() => made.close());
    return made;
  };
  const main = await open(null, port);
  const named: Record<string, { url: string; port: number }> = {};
  for (const [name, wanted] of Object.entries(upstreams)) {
    const { origin, port: own } = await open(name, wanted);
    named[name] = { url: `${origin}/v1`, port: own };
  }
  const ports = opened.move();

  return {
    url: `${main.origin}/v1`,
    port: main.port,
    upstreams: named,
    certificate: controls.certificate,
    script: controls.script,
    release: controls.release,
    hits: controls.hits,
    [Symbol.asyncDispose]: async () => {
      inFlight.shutDown();
      await ports.disposeAsync();
    },
  };
}

function answerAtOnce(response: ServerResponse, { status, headers, pieces }: Answer): void {
  response.writeHead(status, headers);
  for (let i = 0; i < pieces.length; i++) response.write(pieces.at(i));
  response.end();
}

/**
 * The body, or null when it is larger than any request we mean to answer. Rejects when the client goes
 * away in the middle of it.
 */
function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_BODY_BYTES) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => resolve(length <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null));
    request.on('error', reject);
  });
}
