/** Twenty streams a second: what one of them costs the event loop, all of them wait for. */
import { everyRequestEnds, health, reads, scenario } from 'hanglab';

export default scenario({
  why: 'Streams beside each other do not keep the server from answering its health endpoint.',
  cost: 'cpu',
  load: [
    reads({ every: '250ms', during: ['baseline'] }),
    reads({ every: '50ms', during: ['fault'] }),
  ],
  phases: ({ requestMs }) => ({ baseline: '1.5s', fault: 4 * requestMs, recovery: '500ms' }),
  steadyState: [everyRequestEnds()],
  always: [everyRequestEnds(), health({ p99: '500ms', max: '2s' })],
});
