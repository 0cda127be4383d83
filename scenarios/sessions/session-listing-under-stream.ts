/** Twelve hundred sessions, 40 MB together, listed four times a second while answers are streamed. */
import {
  bystanders,
  existing,
  health,
  ifOffered,
  llm,
  othersProgress,
  scenario,
  streamProgress,
  streams,
} from '../../harness/index.ts';
import { allWorksAgain, connectionsGo, inLimits } from '../shared.ts';

export default scenario({
  why: 'Listings that are requested faster than they can be made share the work, and do not pile up.',
  cost: 'cpu',
  load: [
    existing({ count: 1200, bytes: [33_000, 33_000] }),
    ifOffered(streams({ clients: 4 })),
    bystanders({ every: '250ms', during: ['fault', 'recovery'] }),
  ],
  phases: inLimits(3),
  faults: [ifOffered(llm.speaksSlowly({ tokensPerSecond: 40 }))],
  always: [othersProgress(), ifOffered(streamProgress()), ifOffered(health())],
  afterRecovery: allWorksAgain(),
  afterQuiesce: connectionsGo(),
});
