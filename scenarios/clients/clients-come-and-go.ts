/** Two hundred clients connect and leave again without a word, as port scanners and some load balancers do. */
import { bystanders, ifOffered, requests, scenario, visitors } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A connection that opens and closes leaves no slot, no thread and no descriptor.',
  cost: 'wait',
  load: [
    visitors(),
    requests({ every: ({ requestMs }) => requestMs / 4 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(2.5),
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
