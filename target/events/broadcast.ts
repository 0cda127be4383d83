/**
 * Tells all clients what happens. The pieces of an answer are gathered for a moment and sent as one
 * event that holds only what is new; an event is written down once, for all who get it.
 */
import type { EventClients } from './clients.ts';
import type { ServerEvent, TurnRef } from './events.ts';
import type { LiveStats } from './live-stats.ts';

/**
 * A promise, where one is returned, has to be waited for before anything else of the same answer is
 * told. Here none is: nobody's reading holds up an answer.
 */
export interface Broadcast {
  /** A piece of an answer under way: part of the value at `path` in it. */
  piece(turn: TurnRef, path: string, text: string): Promise<void> | void;
  /** Anything else: told at once, behind the pieces of its session. */
  emit(event: ServerEvent): Promise<void> | void;
  stop(): void;
}

export interface BroadcastParts {
  clients: EventClients;
  stats: LiveStats;
  /** How long pieces are gathered. */
  flushMs: number;
}

/** What of an answer has been told, and what is to be. */
interface Gathered extends TurnRef {
  offset: number;
  path: string;
  texts: string[];
}

export function coalescingBroadcast(parts: BroadcastParts): Broadcast {
  const { clients, flushMs } = parts;
  const gathered = new Map<string, Gathered>();
  let timer: NodeJS.Timeout | undefined;

  const flushAll = () => {
    timer = undefined;
    for (const answer of gathered.values()) {
      if (flush(answer, clients)) tellStats(answer.sessionId, parts);
    }
  };

  return {
    piece(turn, path, text) {
      const answer = gathered.get(turn.turnId) ?? { ...turn, offset: 0, path, texts: [] };
      gathered.set(turn.turnId, answer);
      if (answer.path !== path) {
        flush(answer, clients);
        answer.path = path;
      }
      answer.texts.push(text);
      timer ??= setTimeout(flushAll, flushMs);
    },
    emit(event) {
      for (const answer of gathered.values()) {
        if (answer.sessionId === event.sessionId) flush(answer, clients);
      }
      if (event.type === 'turn' && event.state !== 'started') gathered.delete(event.turnId);
      tell(event, clients);
      if (event.type !== 'task') tellStats(event.sessionId, parts);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

/** False when there was nothing to tell. */
function flush(answer: Gathered, clients: EventClients): boolean {
  if (answer.texts.length === 0) return false;
  const { sessionId, turnId, offset, path } = answer;
  const text = answer.texts.join('');
  answer.texts = [];
  answer.offset += text.length;
  tell({ type: 'delta', sessionId, turnId, offset, path, text }, clients);
  return true;
}

function tellStats(sessionId: string, { clients, stats }: BroadcastParts): void {
  const now = stats.of(sessionId);
  if (now) tell({ type: 'stats', sessionId, ...now }, clients);
}

export function tell(event: ServerEvent, clients: EventClients): void {
  let data: Buffer | undefined;
  for (const client of clients.of(event.sessionId)) {
    data ??= Buffer.from(JSON.stringify(event));
    client.send(data);
  }
}
