/**
 * Toxiproxy's API through toxiproxy-node-client, made safe to wait for: every call ends within a
 * bound, errors carry what the server said, and a server that does not answer is distinguished from one that
 * refuses.
 */
import { request } from 'node:http';
import { Toxiproxy as Client } from 'toxiproxy-node-client';
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';

/** Toxiproxy gives up on its own calls after 25 s; a healthy one answers in a few ms. */
export const CALL_TIMEOUT_MS = 5_000;

/** A call that the server answered with an error. */
export class RefusedCall extends HanglabError {
  readonly status: number;

  constructor(message: string, status: number) {
    super('toxiproxy-refused', message, { exitCode: status === 400 ? EXIT.usage : EXIT.internal });
    this.status = status;
  }
}

export interface ApiClient {
  readonly client: Client;
  /** The server's version as it calls itself. */
  version(): Promise<string>;
  /** Asks for what a wedged server cannot answer: its version it could. */
  checkAlive(timeoutMs: number): Promise<void>;
}

/** `onTrouble` is called when the server does not answer: it is wedged, or gone. */
export function createApiClient(url: string, onTrouble: (message: string) => void): ApiClient {
  const client = new Client(url);
  const call = async (method: string, at: string, body?: unknown, timeoutMs = CALL_TIMEOUT_MS) => {
    try {
      return await send(method, at, body, timeoutMs);
    } catch (error) {
      if (error instanceof RefusedCall) throw error;
      const why =
        error instanceof Error && error.name === 'TimeoutError'
          ? `did not answer within ${timeoutMs} ms`
          : `could not be reached (${messageOf(error)})`;
      const message = `Toxiproxy at ${url} ${why}, asked for ${method} ${new URL(at).pathname}`;
      onTrouble(message);
      throw new HanglabError('toxiproxy-silent', message, {
        exitCode: EXIT.inconclusive,
        cause: error,
      });
    }
  };
  const parsed = async <T>(method: string, at: string, body?: unknown): Promise<{ data: T }> => {
    const content = await call(method, at, body);
    return { data: (content === '' ? undefined : JSON.parse(content)) as T };
  };
  // The client's own transport has no bound and drops the body of an error.
  const transport: Pick<Client['api'], 'get' | 'post' | 'delete' | 'getText'> = {
    get: (at) => parsed('GET', at),
    post: (at, body) => parsed('POST', at, body),
    delete: async (at) => void (await call('DELETE', at)),
    getText: (at) => call('GET', at),
  };
  client.api = transport as Client['api'];
  return {
    client,
    async version() {
      const { version } = JSON.parse(await call('GET', `${url}/version`)) as { version?: unknown };
      return String(version);
    },
    async checkAlive(timeoutMs) {
      await call('GET', `${url}/proxies`, undefined, timeoutMs);
    },
  };
}

/** One request on a connection of its own: no idle connection that may die between two calls. */
async function send(
  method: string,
  url: string,
  body: unknown,
  timeoutMs: number,
): Promise<string> {
  const content = body === undefined ? undefined : JSON.stringify(body);
  const signal = AbortSignal.timeout(timeoutMs);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const headers: Record<string, string | number> =
    content === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(content) };
  const outgoing = request(url, { method, agent: false, signal, headers }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      text += part;
    });
    response.on('error', reject);
    response.on('end', () => {
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return resolve(text);
      const { pathname } = new URL(url);
      reject(
        new RefusedCall(
          `Toxiproxy answered ${status} to ${method} ${pathname}: ${told(text)}`,
          status,
        ),
      );
    });
  });
  outgoing.on('error', (error) => reject(signal.aborted ? signal.reason : error));
  outgoing.end(content);
  return promise;
}

/** The server's own words: errors are JSON, whatever their content type says. */
function told(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // Not JSON: its text is what there is.
  }
  return body.trim() || 'no reason given';
}
