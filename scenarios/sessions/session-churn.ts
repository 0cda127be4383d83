/** Sessions come, some work is done for each, and the next one comes. */
import { ifOffered, requests, scenario, tempBytesBack } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A session that is no longer used holds no thread and no descriptor.',
  cost: 'wait',
  load: requests({ every: ({ requestMs }) => requestMs / 20, kinds: ['write'] }),
  phases: inLimits(2),
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: [...nothingStays(), ifOffered(tempBytesBack())],
});
