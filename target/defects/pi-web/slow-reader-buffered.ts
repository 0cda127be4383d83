import { defect } from '../defect.ts';
import { unboundedClients } from '../unbounded-clients.ts';

export default defect({
  why: 'Nobody looks at what a client has not read yet: what it is sent waits in memory without bound.',
  parts: () => ({ eventClients: () => unboundedClients() }),
});
