/** Clients close their sending half right after the request, and still want the answer. */
import {
  everyRequestEnds,
  fdsBack,
  halfClosingClients,
  health,
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
    writes({ every: '500ms' }),
    halfClosingClients({ every: '100ms' }),
    reads({ every: '300ms' }),
  ],
  phases: (limits) => ({
    baseline: '1.5s',
    fault: 1.5 * limits.requestMs,
    recovery: 1 * limits.requestMs,
  }),
  steadyState: [health({ p99: '250ms' })],
  always: [othersProgress(), everyRequestEnds(), progress(), health({ p99: '250ms', max: '1s' })],
  afterQuiesce: [nothingAcknowledgedLost(), fdsBack()],
});
