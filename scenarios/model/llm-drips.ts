/** The model sends each answer a byte every 100 ms: no inactivity timer ever fires. */
import {
  everyRequestEnds,
  fdsBack,
  health,
  llm,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  othersProgress,
  progressResumes,
  readyTellsTheTruth,
  scenario,
  searches,
  uploads,
} from '../../harness/index.ts';

export default scenario({
  why: 'An answer that drips is given up at a deadline, whatever still comes.',
  needs: ['upload', 'search', 'health', 'ready', 'progress', 'llm', 'embeddings'],
  cost: 'wait',
  load: [uploads({ every: '400ms' }), searches({ every: '300ms' })],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [llm.drips({ every: '100ms' })],
  steadyState: [health({ p99: '250ms' })],
  always: [
    everyRequestEnds(),
    readyTellsTheTruth(),
    othersProgress(),
    health({ p99: '250ms', max: '1s' }),
  ],
  afterRecovery: [progressResumes(), nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), fdsBack()],
});
