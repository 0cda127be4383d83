/** Embeddings are refused with 401 for a while, as with a key that has run out. */
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
  readyTellsTheTruth,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'Work that was accepted while the model refused is done once it no longer refuses.',
  cost: 'wait',
  load: [writes({ every: '400ms' }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 1.5 * limits.requestMs,
    recovery: 2 * limits.requestMs,
  }),
  faults: [embeddings.fails({ status: 401 })],
  always: [
    everyRequestEnds(),
    ifOffered(othersProgress()),
    ifOffered(readyTellsTheTruth()),
    ifOffered(health()),
  ],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), ifOffered(indexedOnce()), fdsBack()],
});
