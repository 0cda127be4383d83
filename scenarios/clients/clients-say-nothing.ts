/** Clients connect and say nothing: eight of them, then twice as many, up to 256. */
import { bystanders, ifOffered, requests, scenario, silentClients } from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits, nothingHangs } from '../shared.ts';

export default scenario({
  why: 'A connection that sends nothing occupies a descriptor, and no thread or worker that others need.',
  cost: 'wait',
  load: [
    silentClients({ sends: 'nothing' }),
    requests({ every: ({ requestMs }) => requestMs / 4 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  // Two limits and more at the last level: what hangs there is certain.
  phases: inLimits(4),
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
});
