/** The model answers 429 with Retry-After to every request, for a while. */
import {
  attemptsBounded,
  bystanders,
  calls,
  ifOffered,
  llm,
  scenario,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A model that limits its rate is called a bounded number of times for each request.',
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 4 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(2.5),
  faults: [llm.fails({ status: 429, retryAfterS: 1 })],
  always: [...nothingHangs(), attemptsBounded()],
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
