import { having } from '../../compose.ts';
import { defect } from '../defect.ts';

/** The longest delay of a timer: 24 days. */
const NEVER_MS = 2 ** 31 - 1;

export default defect({
  why: 'Clients of the event stream that vanish without a FIN are never detected.',
  parts: (healthy) => ({
    eventClients: (parts) =>
      healthy.eventClients(having(parts, { config: { ...parts.config, pingMs: NEVER_MS } })),
  }),
});
