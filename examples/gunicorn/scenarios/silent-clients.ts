/** As many clients as the server has threads connect and send nothing (gunicorn issue 3518). */
import { everyRequestEnds, idleConnections, nextRequestSucceeds, reads, scenario } from 'hanglab';

export default scenario({
  why: 'Clients that connect and send nothing do not keep others from being answered.',
  cost: 'wait',
  load: [reads({ every: '250ms' }), idleConnections({ count: 4 })],
  phases: ({ requestMs }) => ({
    baseline: '1.5s',
    fault: 2.5 * requestMs,
    recovery: 2 * requestMs,
  }),
  steadyState: [everyRequestEnds()],
  always: [everyRequestEnds()],
  afterRecovery: [nextRequestSucceeds()],
});
