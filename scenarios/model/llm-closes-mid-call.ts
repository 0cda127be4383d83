/** The model's connection closes in the middle of a call of a tool; of an answer without one, in its text. */
import {
  bystanders,
  calls,
  ifOffered,
  llm,
  noTruncatedAnswerComplete,
  scenario,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A tool call that was cut off is neither repaired nor executed.',
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 10 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(2),
  faults: [llm.closesAfter({ tokens: 6, closeDelimited: true, every: 3 })],
  always: [...nothingHangs(), noTruncatedAnswerComplete()],
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
