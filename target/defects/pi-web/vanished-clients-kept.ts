import { having } from '../../compose.ts';
import { defect } from '../defect.ts';

/** The longest that a timer can wait: 24 days. */
const NEVER_MS = 2 ** 31 - 1;

export default defect({
  why: 'Clients of the event stream that have vanished without a word are never looked for.',
  parts: (healthy) => ({
    eventClients: (parts) =>
      healthy.eventClients(having(parts, { config: { ...parts.config, pingMs: NEVER_MS } })),
  }),
});
