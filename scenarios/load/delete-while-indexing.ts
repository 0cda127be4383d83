/** What was written is deleted 150 ms after it was accepted, while it is in work. */
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
  why: 'An acknowledged deletion is final: work in flight does not bring the item back.',
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
