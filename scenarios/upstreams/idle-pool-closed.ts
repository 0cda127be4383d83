/** An upstream closes all connections while they are idle in a pool, as at its idle limit. */
import { calls, eachUpstream, nextRequestSucceeds } from '../../harness/index.ts';
import { inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default eachUpstream((upstream) => ({
  why: 'A pooled connection that was closed meanwhile costs no request: it is noticed, or tried again.',
  cost: 'wait',
  load: [calls({ clients: 8, during: ['baseline'] }), calls({ clients: 4, during: ['recovery'] })],
  phases: inLimits(0.5),
  faults: [upstream.closesIdle()],
  always: nothingHangs(),
  // Nothing is broken when the first request after it is sent.
  afterRecovery: [nextRequestSucceeds({ grace: 0 })],
  afterQuiesce: nothingStays(),
}));
