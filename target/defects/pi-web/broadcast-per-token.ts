import { defect } from '../defect.ts';
import { unboundedClients } from '../unbounded-clients.ts';
import { wholePartials } from '../whole-partials.ts';

export default defect({
  why: 'Each token is broadcast twice, serialised for each client, with the whole answer so far.',
  parts: () => ({
    eventClients: () => unboundedClients(),
    broadcast: ({ eventClients, liveStats }) =>
      wholePartials(eventClients, liveStats, (_turn, publish) => {
        publish();
        publish();
      }),
  }),
});
