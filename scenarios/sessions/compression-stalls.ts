/** Long sessions go on; the model does not answer where it is asked to summarise one, and answers all else. */
import { calls, existing, llm, reads, scenario, upstreamLetGo } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A conversation goes on without its summary when that does not arrive, and cancels the call for it.',
  cost: 'wait',
  load: [
    existing({ count: 8, bytes: [30_000, 30_000] }),
    calls({ clients: 3 }),
    reads({ every: ({ requestMs }) => requestMs / 4 }),
  ],
  // What is left behind is certain only after a while: work in the background may take its time.
  phases: inLimits(4),
  faults: [llm.stalls({ contains: 'ummari' })],
  always: [...nothingHangs(), upstreamLetGo({ afterAnswer: true })],
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
