/** EverOS #316: an ingest script uploads one document after another; after 2-5 of them the server hung. */
import {
  everyRequestEnds,
  fdsBack,
  health,
  nothingAcknowledgedLost,
  othersProgress,
  progress,
  readyTellsTheTruth,
  scenario,
  searches,
  threadsBack,
  uploads,
} from '../../harness/index.ts';

export default scenario({
  why: 'Documents of 10-20 KB uploaded one after another are all answered, indexed and found again.',
  needs: ['upload', 'search', 'list', 'health', 'ready', 'progress', 'llm', 'embeddings'],
  cost: 'wait',
  load: [uploads({ count: 20, during: ['fault'] }), searches({ every: '250ms' })],
  phases: (limits) => ({ baseline: '1.5s', fault: 6 * limits.requestMs, recovery: '500ms' }),
  steadyState: [health({ p99: '250ms' })],
  always: [
    progress(),
    everyRequestEnds(),
    othersProgress(),
    health({ p99: '250ms', max: '1s' }),
    readyTellsTheTruth(),
  ],
  afterQuiesce: [nothingAcknowledgedLost(), fdsBack(), threadsBack()],
});
