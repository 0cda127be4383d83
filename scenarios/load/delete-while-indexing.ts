/** Documents are deleted 150 ms after they were accepted, while their rows are in work. */
import {
  deletions,
  embeddings,
  everyRequestEnds,
  fdsBack,
  health,
  indexedOnce,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  othersProgress,
  progress,
  scenario,
  uploads,
} from '../../harness/index.ts';

export default scenario({
  why: 'A deletion that was acknowledged stays: no row in flight brings the document back.',
  needs: ['upload', 'search', 'delete', 'health', 'ready', 'progress', 'llm', 'embeddings'],
  cost: 'wait',
  load: [uploads({ every: '600ms' }), deletions({ every: '300ms', after: '150ms' })],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 1.5 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [embeddings.latency({ by: '400ms' })],
  steadyState: [health({ p99: '250ms' })],
  always: [everyRequestEnds(), othersProgress(), progress(), health({ p99: '250ms', max: '1s' })],
  afterRecovery: [nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), indexedOnce(), fdsBack()],
});
