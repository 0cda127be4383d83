/** Tasks that keep a worker thread busy for as long as they may, beside streams. */
import {
  existing,
  health,
  ifOffered,
  scenario,
  streamProgress,
  streams,
  writes,
} from '../../harness/index.ts';
import { allWorksAgain, inLimits } from '../shared.ts';

export default scenario({
  why: 'A stream does not wait for a thread that has other work to do.',
  cost: 'cpu',
  load: [
    existing({ count: 4, bytes: [8000, 8000] }),
    streams({ clients: 2 }),
    writes({ every: ({ requestMs }) => requestMs / 2, untilDone: true, during: ['fault'] }),
  ],
  phases: inLimits(3),
  always: [streamProgress(), ifOffered(health())],
  afterRecovery: allWorksAgain(),
});
