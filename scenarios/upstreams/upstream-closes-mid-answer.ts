/** An upstream closes each connection in the middle of an answer. */
import { bystanders, calls, eachUpstream } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'An answer that is cut off is a failed call: it is retried, or reported to the client.',
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 10 }),
    bystanders({ every: ({ requestMs }) => requestMs / 8 }),
  ],
  phases: inLimits(2),
  faults: [upstream.closesAfterBytes({ bytes: 100 })],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
}));
