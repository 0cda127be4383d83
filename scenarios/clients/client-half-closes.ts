/** Clients close their sending half right after the request, and still want the answer. */
import {
  everyRequestEnds,
  fdsBack,
  halfClosingClients,
  health,
  nothingAcknowledgedLost,
  othersProgress,
  progress,
  scenario,
  searches,
  uploads,
} from '../../harness/index.ts';

export default scenario({
  why: 'A half-closed client gets its answer, and its socket goes back.',
  needs: ['upload', 'search', 'health', 'ready', 'progress', 'llm', 'embeddings'],
  cost: 'wait',
  load: [
    uploads({ every: '500ms' }),
    halfClosingClients({ every: '100ms' }),
    searches({ every: '300ms', group: 'load' }),
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
