/**
 * Publishes events to all clients. The pieces of an answer are collected for a moment and sent as one
 * event, which holds only what is new. Each event is serialised once for all its receivers.
 */
import type { EventClients } from './clients.ts';
import type { ServerEvent, TurnRef } from './events.ts';
import type { LiveStats } from './live-stats.ts';

/**
 * When a method returns a promise, the caller must await it before it publishes more of the same answer.
 * The healthy implementation never does: no client can delay an answer.
 */
export interface Broadcast {
  /** A piece of an answer in progress: part of the value at `path`. */
  piece(turn: TurnRef, path: string, text: string): Promise<void> | void;
  /** Any other event: sent at once, after the pieces of its session. */
  emit(event: ServerEvent): Promise<void> | void;
  stop(): void;
}

export interface BroadcastParts {
  clients: EventClients;
  stats: LiveStats;
  /** How long pieces are collected. */
  flushMs: number;
}

/** An answer in progress: how much has been sent, and what is waiting. */
interface OpenAnswer extends TurnRef {
  offset: number;
  waiting: { path: string; texts: string[] }[];
}

export function coalescingBroadcast(parts: BroadcastParts): Broadcast {
  const { clients, flushMs } = parts;
  const answers = new Map<string, OpenAnswer>();
  let timer: NodeJS.Timeout | undefined;

  const flushAll = () => {
    timer = undefined;
    for (const answer of answers.values()) {
      if (flush(answer, clients)) publishStats(answer.sessionId, parts);
    }
  };

  return {
    piece(turn, path, text) {
      const answer = answers.get(turn.turnId) ?? { ...turn, offset: 0, waiting: [] };
      answers.set(turn.turnId, answer);
      const last = answer.waiting.at(-1);
      if (last?.path === path) last.texts.push(text);
      else answer.waiting.push({ path, texts: [text] });
      timer ??= setTimeout(flushAll, flushMs);
    },
    emit(event) {
      for (const answer of answers.values()) {
        if (answer.sessionId === event.sessionId) flush(answer, clients);
      }
      if (event.type === 'turn' && event.state !== 'started') answers.delete(event.turnId);
      publish(event, clients);
      if (event.type !== 'task') publishStats(event.sessionId, parts);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}

/** False when there was nothing to send. */
function flush(answer: OpenAnswer, clients: EventClients): boolean {
  if (answer.waiting.length === 0) return false;
  const { sessionId, turnId, offset } = answer;
  const pieces = answer.waiting.map(({ path, texts }) => ({ path, text: texts.join('') }));
  answer.waiting = [];
  for (const { text } of pieces) answer.offset += text.length;
  publish({ type: 'delta', sessionId, turnId, offset, pieces }, clients);
  return true;
}

function publishStats(sessionId: string, { clients, stats }: BroadcastParts): void {
  const now = stats.of(sessionId);
  if (now) publish({ type: 'stats', sessionId, ...now }, clients);
}

export function publish(event: ServerEvent, clients: EventClients): void {
  let data: Buffer | undefined;
  for (const client of clients.of(event.sessionId)) {
    data ??= Buffer.from(JSON.stringify(event));
    client.send(data);
  }
}
