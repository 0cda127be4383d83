/** Clients send half of an upload, and are gone. */
import {
  abandonedWrites,
  childrenBack,
  ifOffered,
  requests,
  scenario,
  tempBytesBack,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'An abandoned upload leaves no file, no descriptor and no slot in a queue.',
  cost: 'wait',
  load: [abandonedWrites(), requests({ every: ({ requestMs }) => requestMs / 5 })],
  phases: inLimits(2),
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: [ifOffered(tempBytesBack()), ...nothingStays(), childrenBack()],
});
