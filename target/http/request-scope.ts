/** The scope of one client request: it ends at its deadline, or when the client has gone. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Deadlines } from '../lanes.ts';
import { Refusal } from '../refusal.ts';
import { type OwnedScope, openScope } from '../scope.ts';

export interface RequestScopes {
  /** `turn`: a streamed answer has a longer limit. */
  open(reply: FastifyReply, kind?: 'request' | 'turn'): OwnedScope;
  /** Ends all open scopes: the server is shutting down. */
  endAll(): void;
}

export function requestScopes(deadlines: Deadlines): RequestScopes {
  const open = new Set<OwnedScope>();
  return {
    open(reply, kind = 'request') {
      const limitMs = kind === 'turn' ? deadlines.turnMs : deadlines.requestMs;
      const scope = openScope(
        limitMs,
        () => new Refusal(504, 'deadline', `there was no answer within ${limitMs} ms`),
      );
      const watch = watchClient(reply.raw, () =>
        scope.end(new Refusal(499, 'client-gone', 'the client has closed its connection')),
      );
      open.add(scope);
      return {
        ...scope,
        [Symbol.dispose]() {
          scope[Symbol.dispose]();
          watch[Symbol.dispose]();
          open.delete(scope);
        },
      };
    },
    endAll() {
      for (const scope of open) {
        scope.end(new Refusal(503, 'shutting-down', 'the server is shutting down', 1));
      }
    },
  };
}

/** How often a client that has sent a FIN is checked for being still there. */
const ASK_MS = 100;

/**
 * Calls `gone` when the client can no longer read the answer. A FIN alone does not say so: the
 * client may have closed its sending half only. An interim answer (102, which clients skip)
 * distinguishes the two, since the kernel of a client that is fully closed refuses it.
 */
function watchClient(response: ServerResponse, gone: () => void): Disposable {
  const { socket } = response;
  let asking: NodeJS.Timeout | undefined;
  const onClose = () => {
    clearInterval(asking);
    if (!response.writableFinished) gone();
  };
  const onFin = () => {
    asking ??= setInterval(() => {
      if (!response.headersSent) response.writeProcessing();
    }, ASK_MS);
  };
  response.once('close', onClose);
  if (socket?.readableEnded) onFin();
  else socket?.once('end', onFin);
  return {
    [Symbol.dispose]() {
      clearInterval(asking);
      response.off('close', onClose);
      socket?.off('end', onFin);
    },
  };
}
