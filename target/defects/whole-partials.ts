/** A broadcast that sends the whole answer so far in each event, serialised for each client separately. */
import type { Broadcast } from '../events/broadcast.ts';
import type { EventClients } from '../events/clients.ts';
import type { ServerEvent, TurnRef } from '../events/events.ts';
import type { LiveStats } from '../events/live-stats.ts';

interface Partial extends TurnRef {
  /** By path. */
  texts: Map<string, string>;
}

/** @param onPiece called for each piece of a turn; `publish` sends the answer so far */
export function wholePartials(
  clients: EventClients,
  stats: LiveStats,
  onPiece: (turnId: string, publish: () => void) => void,
): Broadcast {
  const partials = new Map<string, Partial>();
  const send = (event: ServerEvent) => {
    for (const client of clients.of(event.sessionId)) {
      client.send(Buffer.from(JSON.stringify(event)));
    }
  };
  const publishStats = (sessionId: string) => {
    const now = stats.of(sessionId);
    if (now) send({ type: 'stats', sessionId, ...now });
  };
  return {
    piece(turn, path, text) {
      const { texts } = partials.get(turn.turnId) ?? { texts: new Map<string, string>() };
      partials.set(turn.turnId, { ...turn, texts });
      texts.set(path, (texts.get(path) ?? '') + text);
      onPiece(turn.turnId, () => {
        const pieces = [...texts].map(([path, text]) => ({ path, text }));
        send({ type: 'delta', ...turn, offset: 0, pieces });
        publishStats(turn.sessionId);
      });
    },
    emit(event) {
      if (event.type === 'turn' && event.state !== 'started') partials.delete(event.turnId);
      send(event);
      if (event.type !== 'task') publishStats(event.sessionId);
    },
    stop() {},
  };
}
