/** The scope of one client request: over at its deadline, or when the client has gone. */
import type { FastifyReply } from 'fastify';
import type { Deadlines } from '../lanes.ts';
import { Refusal } from '../refusal.ts';
import { type OwnedScope, openScope } from '../scope.ts';

export interface RequestScopes {
  open(reply: FastifyReply): OwnedScope;
  /** Ends every open one: the server is going away. */
  endAll(): void;
}

export function requestScopes(deadlines: Deadlines): RequestScopes {
  const open = new Set<OwnedScope>();
  return {
    open(reply) {
      const { requestMs } = deadlines;
      const scope = openScope(
        requestMs,
        () => new Refusal(504, 'deadline', `no answer could be had within ${requestMs} ms`),
      );
      const onClose = () => {
        if (!reply.raw.writableFinished) {
          scope.end(new Refusal(499, 'client-gone', 'the client has closed its connection'));
        }
      };
      reply.raw.once('close', onClose);
      open.add(scope);
      return {
        ...scope,
        [Symbol.dispose]() {
          scope[Symbol.dispose]();
          reply.raw.off('close', onClose);
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
