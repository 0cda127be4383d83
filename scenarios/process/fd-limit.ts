/** Six hundred idle connections meet a server that may open 400 descriptors: enough for its own work, not for them. */
import {
  everyRequestEnds,
  fdsBack,
  idleConnections,
  ifOffered,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  progressResumes,
  reads,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'A server that ran out of descriptors recovers as soon as some are free, and has lost nothing.',
  cost: 'wait',
  fdLimit: 400,
  needs: ['operation'],
  load: [
    ifOffered(writes({ every: '400ms' })),
    ifOffered(reads({ every: '400ms' })),
    idleConnections({ count: 600 }),
  ],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 1.5 * limits.requestMs,
    recovery: 2.5 * limits.requestMs,
  }),
  always: [everyRequestEnds()],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), fdsBack()],
});
