/**
 * Six hundred idle connections meet a server that may open 400 descriptors: enough for its own work (a
 * search opens each fragment of the vector table), and too few for them.
 */
import {
  everyRequestEnds,
  fdsBack,
  health,
  idleConnections,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  progressResumes,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'A server without free descriptors comes back as soon as it has some again, with nothing lost.',
  cost: 'wait',
  fdLimit: 400,
  load: [writes({ every: '400ms' }), idleConnections({ count: 600 })],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 1.5 * limits.requestMs,
    recovery: 2.5 * limits.requestMs,
  }),
  steadyState: [health({ p99: '250ms' })],
  always: [everyRequestEnds()],
  afterRecovery: [progressResumes(), nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), fdsBack()],
});
