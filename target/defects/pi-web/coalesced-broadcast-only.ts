import { defect } from '../defect.ts';
import { unboundedClients } from '../unbounded-clients.ts';
import { wholePartials } from '../whole-partials.ts';

export default defect({
  why: 'Tokens are collected before a broadcast, but each event still carries the whole answer so far.',
  parts: () => ({
    eventClients: () => unboundedClients(),
    broadcast({ config, eventClients, liveStats }) {
      const latest = new Map<string, () => void>();
      const publishAll = () => {
        for (const publish of latest.values()) publish();
        latest.clear();
      };
      return wholePartials(eventClients, liveStats, (turnId, publish) => {
        if (latest.size === 0) setTimeout(publishAll, config.flushMs);
        // Only the latest one: it contains all that came before.
        latest.set(turnId, publish);
      });
    },
  }),
});
