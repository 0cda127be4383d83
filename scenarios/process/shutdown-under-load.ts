/** The server is asked to end by its signal while requests and streams are open. */
import {
  everyRequestEnds,
  exitsInGrace,
  ifOffered,
  listeners,
  llm,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  requests,
  scenario,
  streams,
  target,
  untilRestarted,
} from '../../harness/index.ts';

export default scenario({
  why: 'A server that gets its stop signal exits within its grace period, whatever is open.',
  cost: 'wait',
  load: [
    requests({ every: ({ requestMs }) => requestMs / 10 }),
    ifOffered(streams({ clients: 4, during: ['fault'] })),
    ifOffered(listeners({ clients: 4, during: ['baseline', 'fault'] })),
    untilRestarted(),
  ],
  // At most so long: it is over when the server has ended and is up again.
  phases: ({ requestMs, shutdownMs = 30_000 }) => ({
    baseline: Math.min(1500, 1.5 * requestMs),
    fault: 2.5 * shutdownMs,
    recovery: 2.5 * requestMs,
  }),
  faults: [ifOffered(llm.speaksSlowly({ tokensPerSecond: 4 })), target.stops()],
  always: [exitsInGrace(), everyRequestEnds()],
  afterRecovery: [nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost())],
});
