/** A service closes its connection within the body of each answer. */
import { bystanders, calls, eachUpstream } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream(
  (upstream) => ({
    why: 'A body that ends before its declared length is a failed call.',
    cost: 'wait',
    load: [
      calls({ every: ({ requestMs }) => requestMs / 10 }),
      bystanders({ every: ({ requestMs }) => requestMs / 8 }),
    ],
    phases: inLimits(2),
    faults: [upstream.cutsBody({ bytes: 10 })],
    always: nothingHangs(),
    afterRecovery: allWorksAgain(),
    afterQuiesce: nothingStays(),
  }),
  { only: 'http' },
);
