/** A long answer at a thousand tokens a second, in a new session and in one of hundreds of messages, to many listeners. */
import {
  bytesPerTokenFlat,
  childrenBack,
  cpuPerEventFlat,
  existing,
  health,
  ifOffered,
  listeners,
  longAnswers,
  scenario,
} from '../../harness/index.ts';
import { connectionsGo } from '../shared.ts';

export default scenario({
  why: 'A token costs the same bytes and CPU time, however long the answer and its session are.',
  cost: 'cpu',
  load: [
    existing({ count: 1, bytes: [350_000, 350_000] }),
    listeners({ clients: 8 }),
    longAnswers({ tokens: [4000], tokensPerSecond: 1000 }),
  ],
  phases: ({ requestMs }) => ({
    baseline: Math.min(1500, requestMs),
    fault: '60s',
    recovery: requestMs,
  }),
  always: [bytesPerTokenFlat(), cpuPerEventFlat(), ifOffered(health())],
  afterQuiesce: [childrenBack(), ...connectionsGo()],
});
