/** Two hundred short streams, eight at a time. */
import {
  childrenBack,
  ifOffered,
  scenario,
  streams,
  tasksBack,
  tempBytesBack,
} from '../../harness/index.ts';
import { inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'A stream that has ended leaves no thread, no child process, no descriptor and no timer.',
  cost: 'cpu',
  load: streams({ clients: 8, count: 200, during: ['fault'] }),
  phases: inLimits(6, 0.5),
  always: nothingHangs(),
  afterQuiesce: [
    ...nothingStays(),
    childrenBack(),
    ifOffered(tasksBack()),
    ifOffered(tempBytesBack()),
  ],
});
