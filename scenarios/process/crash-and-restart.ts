/** The server is killed in the instant at which it answers, and started again; three times. */
import {
  everyRequestEnds,
  ifOffered,
  nextRequestSucceeds,
  nothingAcknowledgedLost,
  requests,
  scenario,
  target,
} from '../../harness/index.ts';
import { inLimits } from '../shared.ts';

export default scenario({
  why: 'A server that was killed starts again over whatever the crash has left.',
  cost: 'wait',
  load: requests({ every: ({ requestMs }) => requestMs / 10 }),
  phases: inLimits(3),
  faults: [target.crashes({ times: 3, answers: [4, 10] })],
  always: [everyRequestEnds()],
  afterRecovery: [nextRequestSucceeds()],
  afterQuiesce: [ifOffered(nothingAcknowledgedLost())],
});
