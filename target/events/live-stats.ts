/** The statistics of sessions with a turn under way: what there was, and each piece that comes. */
import { countText, type Stats } from '../sessions/stats.ts';

export interface LiveStats {
  /** A turn begins in a session that has `stats` so far. */
  begin(sessionId: string, stats: Readonly<Stats>): void;
  /** A message has come, of a user or of the model. */
  message(sessionId: string): void;
  /** A piece of text has come. */
  piece(sessionId: string, text: string): void;
  /** Null when no turn is under way. */
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
