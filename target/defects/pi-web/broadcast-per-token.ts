import { defect } from '../defect.ts';
import { unboundedClients } from '../unbounded-clients.ts';
import { wholePartials } from '../whole-partials.ts';

export default defect({
  why: 'Each token is broadcast twice, to each client anew, with the whole answer so far in it.',
  parts: () => ({
    eventClients: () => unboundedClients(),
    broadcast: ({ eventClients, liveStats }) =>
      wholePartials(eventClients, liveStats, (_turn, tell) => {
        tell();
        tell();
      }),
  }),
});
