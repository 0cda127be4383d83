/** A negative control: streams that are silent by design, because nothing happens. That is no hang. */
import { ifOffered, reads, scenario, streams } from '../../harness/index.ts';
import { inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A stream that is silent within its own limit is not reported.',
  cost: 'wait',
  load: [streams({ clients: 4 }), ifOffered(reads({ every: ({ requestMs }) => requestMs / 8 }))],
  phases: inLimits(2.5, 0.5),
  always: nothingHangs(),
  afterQuiesce: nothingStays(),
});
