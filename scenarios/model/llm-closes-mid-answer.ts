/** Answers of the model end in their middle: by a FIN, or where the end of the connection is the only end. */
import {
  bystanders,
  calls,
  closeWait,
  ifOffered,
  llm,
  noTruncatedAnswerComplete,
  scenario,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'An answer that was cut off is noticed at once, and is never passed on as complete.',
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 10 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(2.5),
  faults: [
    llm.closesAfter({ tokens: 3, every: 2 }),
    llm.closesAfter({ tokens: 3, closeDelimited: true }),
  ],
  always: [...nothingHangs(), noTruncatedAnswerComplete(), closeWait()],
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
