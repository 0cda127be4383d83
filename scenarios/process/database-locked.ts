/** Somebody else holds the lock of the server's SQLite file, as a backup or a second process does. */
import { ifOffered, reads, requests, scenario, sqlite } from '../../harness/index.ts';
import { allWorksAgain, inLimits, nothingHangs, nothingStays } from '../shared.ts';

export default scenario({
  why: 'While the database is locked, requests fail in time, and afterwards they succeed again.',
  cost: 'wait',
  load: [
    requests({ every: ({ requestMs }) => requestMs / 8 }),
    ifOffered(reads({ every: ({ requestMs }) => requestMs / 8 })),
  ],
  phases: inLimits(2.5),
  faults: [sqlite.locked()],
  always: nothingHangs(),
  afterRecovery: allWorksAgain(),
  afterQuiesce: nothingStays(),
});
