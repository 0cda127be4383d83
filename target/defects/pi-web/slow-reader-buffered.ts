import { defect } from '../defect.ts';
import { unboundedClients } from '../unbounded-clients.ts';

export default defect({
  why: 'Data that a client does not read is buffered in memory without a limit.',
  parts: () => ({ eventClients: () => unboundedClients() }),
});
