/** Clients send a request whose header never ends, a byte now and then: eight, then twice as many, up to 256. */
import { bystanders, ifOffered, requests, scenario, silentClients } from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits, nothingHangs } from '../shared.ts';

export default scenario({
  why: 'A header that never ends costs a descriptor, and no thread or worker that others wait for.',
  cost: 'wait',
  load: [
    silentClients({ sends: 'half-header' }),
    requests({ every: ({ requestMs }) => requestMs / 4 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(3),
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
});
