/** The model answers in the right envelope, with prose where JSON was asked for. */
import { bystanders, calls, ifOffered, llm, scenario } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'An answer in the wrong shape is a failed attempt, and nothing waits for ever for a better one.',
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 10 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(2),
  faults: [llm.answersGarbage({ what: 'not-schema' })],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
