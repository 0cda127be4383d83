/** No embedding is answered any more; the connections stay open. */
import {
  embeddings,
  everyRequestEnds,
  fdsBack,
  health,
  indexedOnce,
  listings,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  othersProgress,
  progressResumes,
  scenario,
  uploads,
} from '../../harness/index.ts';

export default scenario({
  why: 'An upload is answered when its document is accepted: it does not wait for its indexing.',
  needs: ['upload', 'search', 'health', 'ready', 'progress', 'llm', 'embeddings'],
  cost: 'wait',
  load: [uploads({ every: '400ms' }), listings({ every: '300ms' })],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 5 * limits.requestMs,
    recovery: 2 * limits.requestMs,
  }),
  faults: [embeddings.stalls()],
  steadyState: [health({ p99: '250ms' })],
  always: [everyRequestEnds(), othersProgress(), health({ p99: '250ms', max: '1s' })],
  afterRecovery: [progressResumes(), nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), indexedOnce(), fdsBack()],
});
