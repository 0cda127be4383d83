/** Who feeds a stream whose event is waited for, as in `pipeline`: the event comes when its source does. */
import { type Found, whoAnswers } from './resolvers.ts';
import type { HeapGraph } from './snapshot.ts';
import type { Suspended } from './suspended.ts';

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
  const streams = found.resolvers.filter(
    ({ kind, id }) => kind === 'event' && graph.follow(id, '_readableState') >= 0,
  );
  const own = streams.map(({ id }) => id);
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
