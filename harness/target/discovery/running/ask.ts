/** Asks a server that may do anything: how long it is waited for and how much is read are bounded. */
import { formatMs } from '../../../platform/duration.ts';
import { messageOf } from '../../../platform/errors.ts';
import type { HttpClient } from '../../operations/http.ts';
import type { HttpAnswer, HttpRequest } from '../../operations/http-message.ts';

export interface Asked extends HttpAnswer {
  tookMs: number;
  /** How its body came to an end: `open` when it was cut here, by time or by size. */
  ended: 'whole' | 'open' | 'broken';
}

/** There is no head of an answer. */
export interface Unanswered {
  status: null;
  /** `was not answered within 10 s`, `broke its connection: ECONNRESET`. */
  why: string;
}

export interface AskOptions {
  withinMs: number;
  maxBytes: number;
  signal: AbortSignal;
}

export const GET = (path: string, headers: Readonly<Record<string, string>> = {}): HttpRequest => ({
  method: 'GET',
  path,
  headers,
  body: null,
});

/** Redirects are answers. Rejects when `signal` aborts. */
export async function ask(
  client: HttpClient,
  wanted: HttpRequest,
  { withinMs, maxBytes, signal }: AskOptions,
): Promise<Asked | Unanswered> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), withinMs);
  const startMs = performance.now();
  const until = AbortSignal.any([over.signal, signal]);
  try {
    const { status, headers, body } = await client.open(wanted, until);
    const read = await readBounded(body, maxBytes);
    return { status, headers, ...read, tookMs: performance.now() - startMs };
  } catch (error) {
    signal.throwIfAborted();
    if (over.signal.aborted) {
      return { status: null, why: `was not answered within ${formatMs(withinMs)}` };
    }
    const { code } = error as NodeJS.ErrnoException;
    return { status: null, why: `broke its connection: ${code ?? messageOf(error)}` };
  } finally {
    clearTimeout(timer);
    // What is left of the body is not wanted any more.
    over.abort();
  }
}

async function readBounded(
  body: AsyncIterable<Uint8Array | string>,
  maxBytes: number,
): Promise<Pick<Asked, 'text' | 'ended'>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let ended: Asked['ended'] = 'whole';
  try {
    for await (const part of body) {
      const chunk = typeof part === 'string' ? Buffer.from(part) : part;
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes <= maxBytes) continue;
      ended = 'open';
      break;
    }
  } catch (error) {
    ended = (error as Error).name === 'AbortError' ? 'open' : 'broken';
  }
  const text = Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
  return { text, ended };
}
