/** Answers of an upstream come a byte at a time: no inactivity timer ever fires. */
import { bystanders, calls, eachUpstream } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'An answer that arrives very slowly is abandoned at a deadline, even while bytes still arrive.',
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 10 }),
    bystanders({ every: ({ requestMs }) => requestMs / 8 }),
  ],
  phases: inLimits(2.5),
  faults: [upstream.dripsBytes({ every: ({ requestMs }) => requestMs / 20 })],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
}));
