/** The model answers, but each answer takes 300 ms longer, and four clients upload at once. */
import {
  bystanders,
  everyRequestEnds,
  fdsBack,
  health,
  ifOffered,
  llm,
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
  why: 'A slow model slows uploads down and nothing else: health, search and listings do not wait for it.',
  cost: 'wait',
  load: [
    writes({ every: '400ms', during: ['baseline'] }),
    writes({ clients: 4, during: ['fault', 'recovery'] }),
    ifOffered(bystanders({ every: '250ms' })),
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
    ifOffered(othersProgress()),
    ifOffered(progress()),
    ifOffered(readyTellsTheTruth()),
  ],
  afterRecovery: [ifOffered(progressResumes()), nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), fdsBack()],
});
