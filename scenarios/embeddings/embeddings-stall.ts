/** No embedding is answered any more; the connections stay open. */
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
  progressResumes,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'An upload is answered when its document is accepted: it does not wait for its indexing.',
  cost: 'wait',
  load: [writes({ every: '400ms' }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 5 * limits.requestMs,
    recovery: 2 * limits.requestMs,
  }),
  faults: [embeddings.stalls()],
  always: [everyRequestEnds(), ifOffered(othersProgress()), ifOffered(health())],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), ifOffered(indexedOnce()), fdsBack()],
});
