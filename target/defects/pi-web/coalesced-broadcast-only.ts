import { defect } from '../defect.ts';
import { unboundedClients } from '../unbounded-clients.ts';
import { wholePartials } from '../whole-partials.ts';

export default defect({
  why: 'Tokens are gathered before they are broadcast, and each event still has the whole answer so far.',
  parts: () => ({
    eventClients: () => unboundedClients(),
    broadcast({ config, eventClients, liveStats }) {
      const latest = new Map<string, () => void>();
      const tellAll = () => {
        for (const tell of latest.values()) tell();
        latest.clear();
      };
      return wholePartials(eventClients, liveStats, (turnId, tell) => {
        if (latest.size === 0) setTimeout(tellAll, config.flushMs);
        // Only the latest of what is gathered: it has all that came before.
        latest.set(turnId, tell);
      });
    },
  }),
});
