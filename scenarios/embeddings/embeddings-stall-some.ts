/** The embeddings of every fourth document never come; all others do. */
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
  progressResumes,
  scenario,
  uploads,
} from '../../harness/index.ts';

export default scenario({
  why: 'Documents whose embeddings come are indexed and deleted in time, whatever becomes of the rest.',
  needs: ['upload', 'search', 'delete', 'health', 'ready', 'progress', 'llm', 'embeddings'],
  cost: 'wait',
  load: [
    uploads({ every: '400ms', markEvery: 4, untilIndexed: true }),
    deletions({ every: '1s', after: 'indexed' }),
  ],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 2 * limits.requestMs,
  }),
  faults: [embeddings.stalls({ marked: true })],
  steadyState: [health({ p99: '250ms' })],
  always: [othersProgress(), everyRequestEnds(), health({ p99: '250ms', max: '1s' })],
  afterRecovery: [progressResumes(), nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), indexedOnce(), fdsBack()],
});
