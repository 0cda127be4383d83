/** The server is killed in the instant at which it acknowledges a write, and started again; six times. */
import {
  everyRequestEnds,
  indexedOnce,
  nextRequestSucceeds,
  noStaleClaims,
  nothingAcknowledgedLost,
  progressResumes,
  scenario,
  target,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'Work that was acknowledged before a crash is there after it: found again, done once, claimed by nobody.',
  cost: 'wait',
  load: writes({ clients: 3, untilDone: true }),
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 4.5 * limits.requestMs,
    recovery: 3 * limits.requestMs,
  }),
  faults: [target.killOnAcknowledgement({ times: 6, acknowledgements: [1, 8] })],
  always: [everyRequestEnds()],
  afterRecovery: [progressResumes(), nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), indexedOnce(), noStaleClaims()],
});
