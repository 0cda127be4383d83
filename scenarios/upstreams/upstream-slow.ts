/** What an upstream answers arrives a quarter of a limit later: late, and well within what a request may take. */
import { bystanders, calls, eachUpstream } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'A slow upstream slows down what calls it, and nothing else.',
  cost: 'wait',
  load: [calls({ clients: 8 }), bystanders({ every: ({ requestMs }) => requestMs / 8 })],
  phases: inLimits(2),
  faults: [upstream.latency({ by: ({ requestMs }) => requestMs / 4 })],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
}));
