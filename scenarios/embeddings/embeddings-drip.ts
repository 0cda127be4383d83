/** Embeddings come a byte now and then. In the real server this wedged the indexer for ever, while health was green. */
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
  why: 'Embeddings that arrive very slowly are retried, and do not stop other work.',
  cost: 'wait',
  load: [writes({ every: '200ms' }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 0.2 * limits.requestMs,
    recovery: 2 * limits.requestMs,
  }),
  faults: [embeddings.drips({ every: '100ms' })],
  always: [
    progress(),
    ifOffered(readyTellsTheTruth()),
    everyRequestEnds(),
    ifOffered(othersProgress()),
    ifOffered(health()),
  ],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), ifOffered(indexedOnce()), fdsBack()],
});
