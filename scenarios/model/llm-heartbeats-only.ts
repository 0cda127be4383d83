/** The model begins each answer, and then sends signs of life only: comments, or events without content. */
import { bystanders, calls, ifOffered, llm, scenario } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'Heartbeats are no answer: a call has a deadline from its start to its end.',
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 10 }),
    ifOffered(bystanders({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(2.5),
  faults: [
    llm.heartbeats({ kind: 'comment', interval: ({ requestMs }) => requestMs / 20, every: 2 }),
    llm.heartbeats({ kind: 'empty-delta', interval: ({ requestMs }) => requestMs / 20 }),
  ],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
