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
  why: 'An idle keep-alive connection holds up nobody who wants to connect.',
  cost: 'wait',
  load: [
    keepAliveClients(),
    requests({ every: ({ requestMs }) => requestMs / 4 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(3),
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
});
