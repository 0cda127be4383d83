/** The scope of one client request: over at its deadline, or when the client has gone. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Deadlines } from '../lanes.ts';
import { Refusal } from '../refusal.ts';
import { type OwnedScope, openScope } from '../scope.ts';

export interface RequestScopes {
  /** `turn`: what answers by a stream may take longer. */
  open(reply: FastifyReply, kind?: 'request' | 'turn'): OwnedScope;
  /** Ends every open one: the server is going away. */
  endAll(): void;
}

export function requestScopes(deadlines: Deadlines): RequestScopes {
  const open = new Set<OwnedScope>();
  return {
    open(reply, kind = 'request') {
      const limitMs = kind === 'turn' ? deadlines.turnMs : deadlines.requestMs;
      const scope = openScope(
        limitMs,
        () => new Refusal(504, 'deadline', `no answer could be had within ${limitMs} ms`),
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
        scope.end(new Refusal(503, 'shutting-down', 'the server is going away', 1));
      }
    },
  };
}

/** How often a client that has sent its FIN is asked whether it is still there. */
const ASK_MS = 100;

/**
 * Calls `gone` when the client can no longer read the answer. A FIN alone does not say so: the
 * client may have closed its sending half only. An interim answer (102, which clients skip) tells
 * the two apart, since the kernel of one that is wholly closed refuses it.
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
