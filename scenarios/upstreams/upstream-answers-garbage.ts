/** A service answers 200 with a page of HTML. */
import { bystanders, calls, eachUpstream } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream(
  (upstream) => ({
    why: 'An invalid answer of a service is a failed call, and crashes nothing.',
    cost: 'wait',
    load: [
      calls({ every: ({ requestMs }) => requestMs / 10 }),
      bystanders({ every: ({ requestMs }) => requestMs / 8 }),
    ],
    phases: inLimits(2),
    faults: [upstream.answersGarbage()],
    always: nothingHangs(),
    afterRecovery: allWorksAgain(),
    afterQuiesce: nothingStays(),
  }),
  { only: 'http' },
);
