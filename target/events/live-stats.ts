/** Statistics of the sessions that have a turn in progress, updated with each piece. */
import { countText, type Stats } from '../sessions/stats.ts';

export interface LiveStats {
  /** A turn begins in a session with these `stats`. */
  begin(sessionId: string, stats: Readonly<Stats>): void;
  /** A message has been added. */
  message(sessionId: string): void;
  /** A piece of text has arrived. */
  piece(sessionId: string, text: string): void;
  /** Null when no turn is in progress. */
  of(sessionId: string): Readonly<Stats> | null;
  end(sessionId: string): void;
}

export function incrementalStats(): LiveStats {
  const live = new Map<string, Stats>();
  return {
    begin(sessionId, stats) {
      live.set(sessionId, { ...stats });
    },
    message(sessionId) {
      const stats = live.get(sessionId);
      if (stats) stats.messages++;
    },
    piece(sessionId, text) {
      const stats = live.get(sessionId);
      if (stats) countText(stats, text);
    },
    of: (sessionId) => live.get(sessionId) ?? null,
    end(sessionId) {
      live.delete(sessionId);
    },
  };
}
