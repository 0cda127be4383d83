/** An upstream closes all connections while they are idle in a pool, as at its idle limit. */
import { calls, eachUpstream, nextRequestSucceeds } from '../../harness/index.ts';
import { inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'A pooled connection that the peer has closed fails no request: it is noticed, or the call is retried.',
  cost: 'wait',
  load: [calls({ clients: 8, during: ['baseline'] }), calls({ clients: 4, during: ['recovery'] })],
  phases: inLimits(0.5),
  faults: [upstream.closesIdle()],
  always: nothingHangs(),
  // Nothing is broken when the first request after it is sent.
  afterRecovery: [nextRequestSucceeds({ grace: 0 })],
  afterQuiesce: nothingStays(),
}));
