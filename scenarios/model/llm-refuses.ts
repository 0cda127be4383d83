/** The model refuses every third request with 400, at once. */
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
  readyTellsTheTruth,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'A refusal fails its own request, and does not block the event loop.',
  cost: 'cpu',
  load: [writes({ every: '300ms', markEvery: 3 }), ifOffered(bystanders({ every: '300ms' }))],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 2 * limits.requestMs,
    recovery: 1.6 * limits.requestMs,
  }),
  faults: [llm.fails({ status: 400, marked: true })],
  always: [
    ifOffered(health()),
    everyRequestEnds(),
    ifOffered(othersProgress()),
    ifOffered(readyTellsTheTruth()),
  ],
  afterRecovery: [nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), fdsBack()],
});
