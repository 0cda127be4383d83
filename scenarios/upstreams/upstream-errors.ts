/** A service answers 500, 429 and 401 in turn, and some of its answers are right. */
import { bystanders, calls, eachUpstream } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream(
  (upstream) => ({
    why: 'An error of a service is reported to its caller at once, and leaves nothing behind.',
    cost: 'wait',
    load: [
      calls({ every: ({ requestMs }) => requestMs / 10 }),
      bystanders({ every: ({ requestMs }) => requestMs / 8 }),
    ],
    phases: inLimits(2),
    faults: [
      upstream.fails({ status: 500, every: 2 }),
      upstream.fails({ status: 429, retryAfterS: 1, every: 2 }),
      upstream.fails({ status: 401 }),
    ],
    always: nothingHangs(),
    afterRecovery: allWorksAgain(),
    afterQuiesce: nothingStays(),
  }),
  { only: 'http' },
);
