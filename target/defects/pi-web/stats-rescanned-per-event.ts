import type { LiveStats } from '../../events/live-stats.ts';
import type { Parts } from '../../parts.ts';
import type { Stats } from '../../sessions/stats.ts';
import { defect } from '../defect.ts';

interface Scanned {
  texts: string[];
  stats: Stats;
}

export default defect({
  why: 'For each event, the statistics of the session are recomputed from all of its messages.',
  parts: () => ({ liveStats: (parts) => rescanned(parts) }),
});

function rescanned({ readSession, log }: Parts): LiveStats {
  const live = new Map<string, Scanned>();
  const add = (sessionId: string, text: string) => {
    const scanned = live.get(sessionId);
    if (!scanned) return;
    scanned.texts[scanned.texts.length - 1] += text;
    scanned.stats = scan(scanned.texts);
  };
  return {
    begin(sessionId, stats) {
      const scanned: Scanned = { texts: [''], stats: { ...stats } };
      live.set(sessionId, scanned);
      readSession(sessionId).then(
        (session) => scanned.texts.unshift(...(session?.messages ?? []).map(({ text }) => text)),
        (err) => log.warn({ event: 'not-scanned', err }),
      );
    },
    message(sessionId) {
      live.get(sessionId)?.texts.push('');
    },
    piece: add,
    of: (sessionId) => live.get(sessionId)?.stats ?? null,
    end(sessionId) {
      live.delete(sessionId);
    },
  };
}

/** Estimates the tokens from the words. */
function scan(texts: readonly string[]): Stats {
  let characters = 0;
  let tokens = 0;
  for (const text of texts) {
    characters += text.length;
    for (const word of text.split(/\s+/)) tokens += Math.ceil(word.length / 4);
  }
  return { messages: texts.length, characters, tokens };
}
