/**
 * What proves each scenario: a small server with one fault, on which it fails by the check that it is for, and
 * the same server without the fault, on which it passes.
 */
import type { CheckId } from '../harness/checks/check-ids.ts';
import type { TargetConfig } from '../harness/target/config/config.ts';
import {
  gateway,
  goTasks,
  lines,
  notes,
  quiet,
  shop,
  short,
  slowReads,
  threads,
  uploads,
} from './fixtures/targets.ts';

export interface Proof {
  scenario: string;
  /** @param port where a service that it calls is started. */
  server: (fault?: string, port?: number) => TargetConfig;
  /** None for a negative control: only the healthy server is run. */
  fault?: string;
  check?: CheckId;
  /** Part of `npm test`: `guilty`, or both. The others run with `HANGLAB_LONG=1`. */
  quick?: 'guilty' | 'both';
}

const CLIENTS: Proof[] = [
  {
    ...{ scenario: 'clients-say-nothing', server: threads, fault: 'pool' },
    ...{ check: 'every-request-ends', quick: 'both' },
  },
  {
    ...{ scenario: 'clients-send-half-a-header', server: threads, fault: 'pool' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'clients-come-and-go', server: threads, fault: 'slot-lost' },
    ...{ check: 'every-request-ends', quick: 'guilty' },
  },
  {
    ...{ scenario: 'clients-keep-connections', server: threads, fault: 'pool' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'client-half-closes', server: threads, fault: 'half-open-kept' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'clients-abandon-uploads', server: uploads, fault: 'leaves-uploads' },
    ...{ check: 'temp-bytes-back', quick: 'both' },
  },
  {
    ...{ scenario: 'clients-abandon-uploads', server: uploads, fault: 'fork-per-upload' },
    ...{ check: 'children-back' },
  },
  {
    ...{ scenario: 'clients-abort', server: gateway, fault: 'permit-lost' },
    ...{ check: 'next-request-succeeds', quick: 'guilty' },
  },
  {
    ...{ scenario: 'clients-abort', server: goTasks, fault: 'task-per-client' },
    ...{ check: 'tasks-back' },
  },
  {
    ...{ scenario: 'clients-vanish', server: gateway, fault: 'keeps-generating' },
    ...{ check: 'upstream-let-go', quick: 'guilty' },
  },
  {
    ...{ scenario: 'short-streams', server: short, fault: 'file-per-stream' },
    ...{ check: 'fds-back', quick: 'guilty' },
  },
  {
    ...{ scenario: 'slow-reader', server: slowReads, fault: 'no-backpressure' },
    ...{ check: 'memory-bounded', quick: 'guilty' },
  },
  {
    ...{ scenario: 'slow-reader', server: slowReads, fault: 'waits-for-all' },
    ...{ check: 'stream-progress' },
  },
  {
    ...{ scenario: 'clients-fall-silent', server: slowReads, fault: 'waits-for-all' },
    ...{ check: 'stream-progress', quick: 'guilty' },
  },
  { scenario: 'quiet-stream', server: quiet, quick: 'both' },
  {
    ...{ scenario: 'requests-burst', server: gateway, fault: 'nested-permits' },
    ...{ check: 'every-request-ends' },
  },
];

const UPSTREAMS: Proof[] = [
  {
    ...{ scenario: 'upstream-black-hole@store', server: shop, fault: 'no-deadline' },
    ...{ check: 'every-request-ends', quick: 'both' },
  },
  {
    ...{ scenario: 'upstream-silent@store', server: shop, fault: 'no-deadline' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'upstream-silent-mid-answer@store', server: shop, fault: 'no-deadline' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'upstream-slow@store', server: shop, fault: 'one-at-a-time' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'upstream-drips@store', server: shop, fault: 'inactivity-only' },
    ...{ check: 'every-request-ends', quick: 'guilty' },
  },
  {
    ...{ scenario: 'upstream-closes-mid-answer@counter', server: lines, fault: 'end-is-no-data' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'upstream-resets@store', server: shop, fault: 'hangs-on-resets' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'upstream-refuses@store', server: shop, fault: 'gives-up-for-good' },
    ...{ check: 'next-request-succeeds', quick: 'guilty' },
  },
  {
    ...{ scenario: 'upstream-flaps@counter', server: lines, fault: 'never-reconnects' },
    ...{ check: 'next-request-succeeds' },
  },
  {
    ...{ scenario: 'upstream-never-accepts@store', server: shop, fault: 'no-deadline' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'upstream-errors@store', server: shop, fault: 'hangs-on-errors' },
    ...{ check: 'every-request-ends', quick: 'guilty' },
  },
  {
    ...{ scenario: 'upstream-answers-garbage@store', server: shop, fault: 'hangs-on-garbage' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'upstream-cuts-body@store', server: shop, fault: 'hangs-on-cuts' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'idle-pool-closed@counter', server: lines, fault: 'never-reconnects' },
    ...{ check: 'next-request-succeeds', quick: 'guilty' },
  },
  { scenario: 'idle-pool-close-wait@counter', server: lines },
];

const MODELS: Proof[] = [
  {
    ...{ scenario: 'llm-goes-silent', server: gateway, fault: 'no-deadline' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'llm-process-paused', server: gateway, fault: 'no-deadline' },
    ...{ check: 'every-request-ends', quick: 'guilty' },
  },
  {
    ...{ scenario: 'upstream-black-hole@llm', server: gateway, fault: 'no-deadline' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'llm-drips', server: gateway, fault: 'inactivity-only' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'llm-heartbeats-only', server: gateway, fault: 'inactivity-only' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'llm-slow', server: gateway, fault: 'lock-around-model' },
    ...{ check: 'others-progress' },
  },
  {
    ...{ scenario: 'llm-closes-mid-answer', server: gateway, fault: 'cut-is-whole' },
    ...{ check: 'no-truncated-answer-complete', quick: 'both' },
  },
  {
    ...{ scenario: 'llm-closes-mid-call', server: gateway, fault: 'cut-is-whole' },
    ...{ check: 'no-truncated-answer-complete' },
  },
  {
    ...{ scenario: 'llm-closes-mid-answer', server: gateway, fault: 'ignores-close' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'llm-resets-mid-answer', server: gateway, fault: 'ignores-close' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'llm-errors', server: gateway, fault: 'bodies-unread' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'llm-fails-for-some', server: gateway, fault: 'bodies-unread' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'llm-rate-limits', server: gateway, fault: 'retries-multiply' },
    ...{ check: 'attempts-bounded', quick: 'guilty' },
  },
  {
    ...{ scenario: 'llm-answers-garbage', server: gateway, fault: 'swallows-errors' },
    ...{ check: 'every-request-ends', quick: 'guilty' },
  },
  {
    ...{ scenario: 'llm-answers-off-schema', server: gateway, fault: 'swallows-errors' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'llm-refuses', server: gateway, fault: 'swallows-errors' },
    ...{ check: 'every-request-ends' },
  },
];

const PROCESSES: Proof[] = [
  {
    ...{ scenario: 'database-locked', server: notes, fault: 'lock-around-all' },
    ...{ check: 'every-request-ends', quick: 'guilty' },
  },
  {
    ...{ scenario: 'database-locked', server: notes, fault: 'waits-for-lock' },
    ...{ check: 'every-request-ends' },
  },
  {
    ...{ scenario: 'crash-and-restart', server: notes, fault: 'no-restart' },
    ...{ check: 'health', quick: 'guilty' },
  },
  {
    ...{ scenario: 'fd-limit', server: notes, fault: 'emfile-ends' },
    ...{ check: 'health' },
  },
  {
    ...{ scenario: 'shutdown-under-load', server: gateway, fault: 'waits-for-streams' },
    ...{ check: 'exits-in-grace', quick: 'both' },
  },
];

export const PROOFS: readonly Proof[] = [...CLIENTS, ...UPSTREAMS, ...MODELS, ...PROCESSES];

/** About accepted work: proved on the bundled server, by its defects. */
export const PROVED_ELSEWHERE = [
  'background-task-fails',
  'backlog-drains',
  'compression-stalls',
  'delete-while-indexing',
  'embeddings-drip',
  'embeddings-refuse',
  'embeddings-slow',
  'embeddings-stall',
  'embeddings-stall-some',
  'handler-stalls',
  'kill-and-restart',
  'link-flaps',
  'long-answer',
  'long-answer-braces',
  'session-churn',
  'session-listing',
  'session-listing-under-stream',
  'sessions-stall',
  'slow-but-moving',
  'token-storm',
  'upload-burst',
  'upload-burst-large',
  'upload-flood',
  'worker-loop-busy',
];
