/** Answers a request with a fault: in place of the service, or with a part of what it says. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ModelEnding } from '../history/events.ts';
import type { HttpFault } from './rules.ts';

const PAGE = '<!doctype html><title>Sign in</title><p>This is not the page you wanted.</p>\n';

/**
 * @param answer of the service; null before it was asked.
 * @returns false when the fault is not for this moment, and nothing was done.
 */
export function answerWithFault(
  { fault, hit }: { fault: HttpFault; hit(): void },
  answer: IncomingMessage | null,
  outgoing: ServerResponse,
  call: { end(ending: ModelEnding, status: number): void },
): boolean {
  const needsAnswer = fault.kind === 'cut' || fault.kind === 'silent';
  if (needsAnswer !== (answer !== null)) return false;
  switch (fault.kind) {
    case 'held':
      hit();
      return true;
    case 'status': {
      const headers: OutgoingHttpHeaders = { 'content-type': 'application/json' };
      if (fault.retryAfterS !== undefined) headers['retry-after'] = String(fault.retryAfterS);
      outgoing.writeHead(fault.status, headers);
      outgoing.end(JSON.stringify({ error: { message: `hanglab answers ${fault.status}` } }));
      hit();
      call.end('error-status', fault.status);
      return true;
    }
    case 'garbage':
      outgoing.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
      hit();
      return true;
    case 'cut':
    case 'silent':
      partly(fault, answer as IncomingMessage, outgoing, hit, call);
      return true;
  }
}

/** Passes the head and the first bytes on. An answer that is shorter than that is cut before its last byte. */
function partly(
  fault: HttpFault & { kind: 'cut' | 'silent' },
  answer: IncomingMessage,
  outgoing: ServerResponse,
  hit: () => void,
  call: { end(ending: ModelEnding, status: number): void },
): void {
  const { statusCode: status = 502, statusMessage, rawHeaders, headers } = answer;
  outgoing.writeHead(status, statusMessage, rawHeaders);
  outgoing.flushHeaders();
  const length = Number(headers['content-length'] ?? Number.POSITIVE_INFINITY);
  let left = Math.min(fault.bytes, Math.max(0, length - 1));
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    hit();
    if (fault.kind === 'silent') return;
    call.end('fin', status);
    // Everything that was written goes out before the FIN.
    outgoing.socket?.end();
  };
  answer.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (part.length > 0) outgoing.write(part);
    if (left === 0) over();
  });
  answer.on('end', over);
}
