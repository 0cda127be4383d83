/** Four clients open a stream and read nothing of it, beside others that do. */
import {
  ifOffered,
  memoryBounded,
  reads,
  scenario,
  slowReaders,
  streams,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A client that does not read its stream neither fills the memory nor delays other clients.',
  cost: 'cpu',
  load: [
    slowReaders(),
    streams({ clients: 2 }),
    ifOffered(reads({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(4),
  always: [memoryBounded(), ...nothingHangs()],
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
