/** Thirty-two requests of every kind in the same instant, again and again. */
import {
  bursts,
  everyRequestEnds,
  ifOffered,
  memoryBounded,
  progress,
  scenario,
  streamProgress,
} from '../../harness/index.ts';
import { connectionsGo, inLimits } from '../shared.ts';

export default scenario({
  why: 'Many requests at the same instant are all answered or refused; none waits for ever.',
  cost: 'cpu',
  load: bursts({ count: 32, every: ({ requestMs }) => requestMs, during: ['fault', 'recovery'] }),
  phases: inLimits(2.5, 1),
  // How fast health is while all cores work is a matter of the machine: no part of this.
  always: [everyRequestEnds(), ifOffered(streamProgress()), ifOffered(progress()), memoryBounded()],
  afterQuiesce: connectionsGo(),
});
