/** The model answers, but each answer takes half a second longer; several clients upload at once. */
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
} from '../harness/index.ts';

export default scenario({
  why: 'A slow model slows uploads down and nothing else: health, search and listings do not wait for it.',
  needs: ['upload', 'search', 'health', 'ready', 'progress', 'llm', 'embeddings'],
  cost: 'wait',
  load: [uploads({ clients: 3 }), searches({ every: '250ms' })],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [llm.latency({ by: '500ms' })],
  steadyState: [health({ p99: '100ms' })],
  always: [
    health({ p99: '250ms', max: '1s' }),
    everyRequestEnds(),
    othersProgress(),
    progress(),
    readyTellsTheTruth(),
  ],
  afterRecovery: [progressResumes(), nextRequestSucceeds()],
  afterQuiesce: [nothingAcknowledgedLost(), fdsBack()],
});
