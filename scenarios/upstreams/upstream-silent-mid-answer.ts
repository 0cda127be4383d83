/** Each answer of an upstream stops in its middle; connections stay open. */
import { bystanders, calls, eachUpstream } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'An answer that stops in the middle is abandoned in time.',
  cost: 'wait',
  load: [
    calls({ every: ({ requestMs }) => requestMs / 10 }),
    bystanders({ every: ({ requestMs }) => requestMs / 8 }),
  ],
  phases: inLimits(2.5),
  faults: [upstream.silentAfterBytes({ bytes: 100 })],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
}));
