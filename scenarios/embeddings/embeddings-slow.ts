/** Embeddings take a second each: within their limit, and far longer than usual. */
import {
  bystanders,
  embeddings,
  everyRequestEnds,
  fdsBack,
  health,
  ifOffered,
  indexedOnce,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  othersProgress,
  progress,
  progressResumes,
  readyTellsTheTruth,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'Work that a worker still holds is left to it, and is done once.',
  cost: 'wait',
  load: [writes({ every: '600ms' }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [embeddings.latency({ by: '900ms' })],
  always: [
    everyRequestEnds(),
    ifOffered(othersProgress()),
    ifOffered(progress()),
    ifOffered(readyTellsTheTruth()),
    ifOffered(health()),
  ],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [indexedOnce(), ifOffered(nothingAcknowledgedLost()), fdsBack()],
});
