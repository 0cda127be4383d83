/** Documents are deleted 150 ms after they were accepted, while their rows are in work. */
import {
  deletes,
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
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'A deletion that was acknowledged stays: no row in flight brings the document back.',
  cost: 'wait',
  load: [writes({ every: '600ms' }), deletes({ every: '300ms', after: '150ms' })],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 1.5 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [embeddings.latency({ by: '400ms' })],
  always: [
    everyRequestEnds(),
    ifOffered(othersProgress()),
    ifOffered(progress()),
    ifOffered(health()),
  ],
  afterRecovery: [nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), ifOffered(indexedOnce()), fdsBack()],
});
