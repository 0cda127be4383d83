/** Clients open a stream, and their machine or their network is gone: no close, no reset, and nothing is read. */
import {
  childrenBack,
  ifOffered,
  memoryBounded,
  reads,
  scenario,
  streams,
  tasksBack,
  vanishingClients,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A client that vanishes without closing loses its own stream only; nobody else waits for it.',
  cost: 'wait',
  load: [
    vanishingClients({ by: ['silence'], count: 16 }),
    streams({ clients: 2 }),
    ifOffered(reads({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(3.5),
  always: [memoryBounded(), ...nothingHangs()],
  afterRecovery: allWorksAgain(),
  afterQuiesce: [...nothingStays(), childrenBack(), ifOffered(tasksBack())],
});
