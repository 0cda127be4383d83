/** Clients ask once and keep their connection, idle: eight, then twice as many, up to 128. */
import {
  bystanders,
  ifOffered,
  keepAliveClients,
  requests,
  scenario,
} from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits, nothingHangs } from '../shared.ts';

export default scenario({
  why: 'Idle keep-alive connections keep no new client waiting.',
  cost: 'wait',
  load: [
    keepAliveClients(),
    requests({ every: ({ requestMs }) => requestMs / 4 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  // Two limits and more at the last level: what hangs there is certain.
  phases: inLimits(4),
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
});
