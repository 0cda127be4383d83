/** Clients close their sending half right after the request, and still want the answer. */
import {
  everyRequestEnds,
  fdsBack,
  halfClosingClients,
  health,
  ifOffered,
  nothingAcknowledgedLost,
  othersProgress,
  progress,
  reads,
  scenario,
  writes,
} from '../../harness/index.ts';

export default scenario({
  why: 'A half-closed client gets its answer, and its socket goes back.',
  cost: 'wait',
  load: [
    ifOffered(writes({ every: '500ms' })),
    halfClosingClients({ every: '100ms' }),
    reads({ every: '300ms' }),
  ],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 1.5 * limits.requestMs,
    recovery: 1 * limits.requestMs,
  }),
  always: [
    ifOffered(othersProgress()),
    everyRequestEnds(),
    ifOffered(progress()),
    ifOffered(health()),
  ],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost()), fdsBack()],
});
