/** What usually helps, for each code: a phrase that follows a colon; empty where nothing has to be done. docs/diagnosis.md says more. */
import type { DiagnosisCode } from '../codes.ts';

export const HELPS: Readonly<Record<DiagnosisCode, string>> = {
  crashed: 'look at its exit code or signal',
  stopped: 'kill -CONT PID; find who sent SIGSTOP',
  'kernel-io': 'look at the disk or the mount',
  'host-starved': 'fewer neighbours, or a machine of its own',
  'event-loop-blocked':
    'the line that is named: split the work, move it to a worker, bound the input, repair the pattern',
  'event-loop-saturated': 'fewer and larger writes; asynchronous calls',
  'gc-thrash': 'find what grows (heap-leak), or give it more heap',
  'blocked-in-sync-call': 'the asynchronous form of the call, with a deadline',
  'pipe-full': 'read the other end, or write the log to a file',
  'saturated-but-live':
    'what the stack shows most often; a common reason is polling with setImmediate',
  'threadpool-starved': 'what holds them; fewer at once',
  'pool-exhausted':
    'a deadline for each call and for the wait; give connections back on every path',
  'upstream-stalled': 'an end-to-end deadline for the call',
  'body-unread': 'read or cancel every body, also of answers that are not wanted',
  'half-closed': 'listen for end and close, and fail what waits',
  'backpressure-growth': 'await drain, bound the buffer, end slow clients',
  deadlock: 'take locks in one order',
  'abandoned-lock': 'give it back in finally; a deadline for the holder',
  'awaiting-forever': 'settle it on every path, errors and early returns too; a deadline',
  'waiting-on-timer': 'shorter pauses',
  waiting: 'look again when the limit has passed: the sentence says when',
  undecided: 'the look that the sentence names',
  orphaned: "keep the resolver until it is called; one waiter must not replace another's",
  'stale-claims': 'leases that expire, renewed by the living worker, and fenced',
  'fd-leak': "close what was opened, on the error's path too",
  'socket-leak': 'close, or read to the end, every connection on every path',
  'thread-leak': 'end workers when their work ends; one pool, made once',
  'child-leak': 'end helpers with their work; wait for each child, or run below an init that reaps',
  'task-leak': 'a deadline for each; bound how many there are',
  'heap-leak': 'two heap snapshots, and what grew between them',
  'slow-but-live': 'measure before changing anything: this is no hang',
  live: '',
};
