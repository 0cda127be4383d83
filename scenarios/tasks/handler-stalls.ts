/** The model never answers what is about every fourth session; the tasks of all others are answered. */
import {
  bystanders,
  everyRequestEnds,
  existing,
  health,
  ifOffered,
  llm,
  othersProgress,
  scenario,
  writes,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits } from '../shared.ts';

export default scenario({
  why: 'A task that hangs holds up the tasks of its own session at most, and not for longer than its limit.',
  cost: 'wait',
  load: [
    existing({ count: 8, markEvery: 4 }),
    writes({ every: ({ requestMs }) => requestMs / 4, markEvery: 4, untilDone: true }),
    bystanders({ every: ({ requestMs }) => requestMs / 4 }),
  ],
  phases: inLimits(3),
  faults: [llm.stalls({ marked: true })],
  always: [othersProgress(), everyRequestEnds(), ifOffered(health())],
  afterRecovery: allWorksAgain(),
});
