/** Clients connect and say nothing: eight of them, then twice as many, up to 256. */
import { bystanders, ifOffered, requests, scenario, silentClients } from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits, nothingHangs } from '../shared.ts';

export default scenario({
  why: 'A connection that says nothing costs a descriptor, and no thread or worker that others wait for.',
  cost: 'wait',
  load: [
    silentClients({ sends: 'nothing' }),
    requests({ every: ({ requestMs }) => requestMs / 4 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(3),
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
});
