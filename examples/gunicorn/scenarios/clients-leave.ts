/** Clients connect, send nothing and leave: their places must be free again (gunicorn issue 3146). */
import { everyRequestEnds, idleConnections, nextRequestSucceeds, reads, scenario } from 'hanglab';

export default scenario({
  why: 'Clients that leave without a request give their place in the server back.',
  cost: 'wait',
  load: [reads({ every: '250ms' }), idleConnections({ count: 16, leaveAfter: '500ms' })],
  phases: ({ requestMs }) => ({
    baseline: '1.5s',
    fault: 2.5 * requestMs,
    recovery: 2 * requestMs,
  }),
  steadyState: [everyRequestEnds()],
  always: [everyRequestEnds()],
  afterRecovery: [nextRequestSucceeds()],
});
