/** For a person who meets a failing check for the first time: where its limit comes from, and what usually helps. */
import type { Limits } from '../history/events.ts';
import { formatMs } from '../platform/duration.ts';
import type { CheckId } from './check-ids.ts';

export interface Guidance {
  /** Where the limit comes from; null where it needs no explanation, as for a count of zero. */
  limitFrom: string | null;
  /** What usually makes the check pass again. */
  helps: string;
}

/** @param diagnosed the code of the diagnosis: of a process that has ended, nothing else is to be said. */
export function guidanceFor(check: CheckId, limits: Limits, diagnosed?: string): Guidance {
  if (diagnosed === 'crashed') return { limitFrom: null, helps: CRASHED };
  return { limitFrom: limitFrom(check, limits), helps: HELPS[check] };
}

const CRASHED = 'read its last lines and its exit code: everything else follows from the crash';

function limitFrom(check: CheckId, { requestMs, shutdownMs, backlog }: Limits): string | null {
  const request = `the request limit of ${formatMs(requestMs)} that the target declares`;
  switch (check) {
    case 'every-request-ends':
    case 'progress':
    case 'progress-resumes':
    case 'no-stale-claims':
    case 'task-ends':
    case 'close-wait':
      return `1.5 times ${request}`;
    case 'others-progress':
    case 'ready-tells-the-truth':
      return request;
    case 'stream-progress':
      return '1.5 times the longest silence of a stream that the target declares';
    case 'exits-in-grace':
      return shutdownMs === undefined
        ? '1.2 times 30 s, the default of Kubernetes; the target declares no shutdown limit'
        : `1.2 times the shutdown limit of ${formatMs(shutdownMs)} that the target declares`;
    case 'overload-refused':
      return `the backlog limit of ${backlog} that the target declares`;
    case 'health':
    case 'memory-bounded':
      return 'the scenario';
    case 'fds-back':
    case 'sockets-back':
    case 'threads-back':
    case 'tasks-back':
    case 'children-back':
      return 'a tenth of the requests that could have left something behind, at least 4: what pools may keep';
    default:
      return null;
  }
}

const HELPS: Readonly<Record<CheckId, string>> = {
  health:
    'answer health from memory, without a lock, a pool or the network, and move long synchronous work off the event loop',
  'ready-tells-the-truth':
    'derive readiness from the age of the oldest unfinished work, not from whether the process runs',
  'every-request-ends':
    'give each call to another service a deadline from its begin to its end; an inactivity timeout is not one',
  progress:
    'look for a permit, lock or slot that is held while its holder waits for somebody who needs one too',
  'others-progress':
    'do not hold what all requests share (a lock, a permit, a place in a pool) while one of them waits for another service',
  'stream-progress': 'send the client an error when the upstream is silent for too long',
  'progress-resumes':
    'let claims on work expire, and try work again whose last attempt failed, with a bounded pause',
  'next-request-succeeds':
    'drop broken connections from the pool, and give back what a failed request held',
  'nothing-acknowledged-lost':
    'answer only after the work is stored durably, and check at each write that it was not deleted meanwhile',
  'indexed-once': 'make writing a result idempotent, keyed by what it is the result of',
  'no-stale-claims': 'renew claims while working, and let those expire that are not renewed',
  'no-truncated-answer-complete':
    'treat an answer as whole only after its end marker or a complete body; else fail or try again',
  'task-ends': 'report every way a task can end, cancellation included, from one place',
  'upstream-let-go': "abort the upstream request when the client's connection closes",
  'attempts-bounded': 'retry in one layer only, with a budget for each request',
  'overload-refused': 'bound the queue, and answer 503 with Retry-After when it is full',
  'bytes-per-token-flat': 'send only what is new with each event',
  'cpu-per-doubling': 'parse incrementally: look at each character once',
  'cpu-per-event-flat': 'keep totals up to date instead of counting again at each event',
  'memory-bounded':
    'bound every queue and buffer, and stop reading from the source while the sink is full',
  'temp-bytes-back': 'remove temporary files in a finally block, also when the client has gone',
  'fds-back': 'close files and sockets in a finally block, or with the scope that opened them',
  'sockets-back': 'close connections whose client has gone, and read error bodies to their end',
  'threads-back': 'take threads from a bounded pool, and end those that a session started with it',
  'tasks-back': 'keep the tasks of a connection, and cancel them when it closes',
  'children-back': 'wait for each child process, and end it together with what needed it',
  'close-wait': 'read on connections that are in use, and close them at their end',
  'exits-in-grace':
    'at SIGTERM stop accepting, end open streams, and exit after a bounded time whatever is still open',
  'fault-fired':
    'check that the server really uses the link: its calls must go to the address that hanglab gives it',
  'harness-trusted': 'run again on a quieter machine, or alone',
};
