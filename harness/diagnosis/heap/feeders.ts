/** Who feeds a stream whose event is waited for, as in `pipeline`: the event comes when its source does. */
import { isSocket } from './holders.ts';
import { type Found, whoAnswers } from './resolvers.ts';
import type { HeapGraph } from './snapshot.ts';
import type { Suspended } from './suspended.ts';

/** A walk each. */
const MAX_STREAMS = 6;

/**
 * What was found, and the sockets that the streams among it are read from; unchanged where a socket is known already.
 * Functions between the stream and its socket are left out: they wait for the same, and the stream holds them too.
 */
export function withFeeders(
  graph: HeapGraph,
  found: Found,
  suspendedByNode: ReadonlyMap<number, Suspended>,
): Found {
  if (found.resolvers.some(({ kind }) => kind === 'socket')) return found;
  const own = found.streams.filter((stream) => !isSocket(graph, stream)).slice(0, MAX_STREAMS);
  const sockets = own.flatMap((stream) => {
    const [events, state] = [
      graph.follow(stream, '_events'),
      graph.follow(stream, '_readableState'),
    ];
    const parts = { nodes: new Set([state, ...own]), events: new Set([events]) };
    return whoAnswers(graph, [stream], suspendedByNode, parts).resolvers.filter(
      ({ kind }) => kind === 'socket',
    );
  });
  const byId = new Map(sockets.map((each) => [each.id, each]));
  return { ...found, resolvers: [...found.resolvers, ...byId.values()] };
}
