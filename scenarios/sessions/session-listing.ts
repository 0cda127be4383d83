/** A hundred and twenty sessions, listed again and again. */
import { existing, ifOffered, reads, scenario } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A listing leaves no descriptor of the files that it has read.',
  cost: 'wait',
  load: [existing({ count: 120 }), ifOffered(reads({ every: ({ requestMs }) => requestMs / 8 }))],
  phases: inLimits(2),
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
