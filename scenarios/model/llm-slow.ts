/** The model answers, but each answer takes 300 ms longer, and four clients upload at once. */
import {
  everyRequestEnds,
  fdsBack,
  health,
  llm,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  othersProgress,
  progress,
  progressResumes,
  readyTellsTheTruth,
  scenario,
  searches,
  uploads,
} from '../../harness/index.ts';

export default scenario({
  why: 'A slow model slows uploads down and nothing else: health, search and listings do not wait for it.',
  needs: ['upload', 'search', 'health', 'ready', 'progress', 'llm', 'embeddings'],
  cost: 'wait',
  load: [
    uploads({ every: '400ms', during: ['baseline'] }),
    uploads({ clients: 4, during: ['fault', 'recovery'] }),
    searches({ every: '250ms' }),
  ],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [llm.latency({ by: '300ms' })],
  steadyState: [health({ p99: '200ms' })],
  always: [
    health({ p99: '200ms', max: '1s' }),
    everyRequestEnds(),
    othersProgress(),
    progress(),
    readyTellsTheTruth(),
  ],
  afterRecovery: [progressResumes(), nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), fdsBack()],
});
