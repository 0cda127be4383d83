/** The rows of the matrix: which defect which scenario must catch, and by which check. */
import type { DiagnosisCode } from '../harness/diagnosis/codes.ts';
import type { ExpectedDiagnosis, MatrixRow } from '../harness/matrix/matrix-row.ts';

const ATTEMPT: ExpectedDiagnosis = { codes: ['upstream-stalled'], file: 'target/model/attempt.ts' };
const inFileOf =
  (report: string) =>
  (defect: string, ...codes: DiagnosisCode[]): ExpectedDiagnosis => ({
    codes,
    file: `target/defects/${report}/${defect}.ts`,
  });
const diagnosed = inFileOf('everos');
const piWeb = inFileOf('pi-web');
const agentZero = inFileOf('agent-zero');

export const MATRIX_ROWS: readonly MatrixRow[] = [
  // EverOS #316
  {
    defect: 'cascade-takes-engine-permit',
    scenario: 'upload-burst',
    expected: 'progress',
    diagnosis: diagnosed('cascade-takes-engine-permit', 'deadlock'),
  },
  {
    defect: 'permit-held-across-retries',
    scenario: 'llm-fails-for-some',
    expected: 'others-progress',
    diagnosis: diagnosed('permit-held-across-retries', 'awaiting-forever', 'waiting-on-timer'),
  },
  {
    defect: 'no-attempt-deadline',
    scenario: 'llm-goes-silent',
    expected: 'every-request-ends',
    diagnosis: ATTEMPT,
  },
  {
    defect: 'longer-timeout',
    scenario: 'llm-goes-silent',
    expected: 'every-request-ends',
    proposedFix: true,
    diagnosis: ATTEMPT,
  },
  {
    defect: 'ready-always-green',
    scenario: 'llm-goes-silent',
    expected: 'ready-tells-the-truth',
    proposedFix: true,
    diagnosis: ATTEMPT,
  },
  {
    defect: 'health-behind-engine',
    scenario: 'llm-slow',
    expected: 'health',
    diagnosis: diagnosed('health-behind-engine', 'awaiting-forever'),
  },
  {
    defect: 'writer-lock-held-over-model',
    scenario: 'embeddings-stall-some',
    expected: 'others-progress',
    diagnosis: diagnosed('writer-lock-held-over-model', 'awaiting-forever'),
  },
  {
    defect: 'batch-waits-for-slowest',
    scenario: 'embeddings-stall-some',
    expected: 'others-progress',
    diagnosis: diagnosed('batch-waits-for-slowest', 'awaiting-forever'),
  },
  {
    defect: 'upload-waits-for-cascade',
    scenario: 'embeddings-stall',
    expected: 'every-request-ends',
    diagnosis: diagnosed('upload-waits-for-cascade', 'awaiting-forever', 'waiting-on-timer'),
  },
  {
    defect: 'claims-never-expire',
    scenario: 'kill-and-restart',
    expected: 'progress-resumes',
    diagnosis: { codes: ['stale-claims'], file: null },
  },
  {
    defect: 'claims-released-by-timer',
    scenario: 'embeddings-slow',
    expected: 'indexed-once',
    proposedFix: true,
  },
  {
    defect: 'sync-work-on-loop',
    scenario: 'upload-burst-large',
    expected: 'health',
    diagnosis: diagnosed('sync-work-on-loop', 'event-loop-blocked'),
  },
  {
    defect: 'acknowledged-before-durable',
    scenario: 'kill-and-restart',
    expected: 'nothing-acknowledged-lost',
  },
  {
    defect: 'error-rendered-on-loop',
    scenario: 'llm-refuses',
    expected: 'health',
    diagnosis: diagnosed('error-rendered-on-loop', 'event-loop-blocked'),
  },
  {
    defect: 'refusal-taken-for-good',
    scenario: 'embeddings-refuse',
    expected: 'nothing-acknowledged-lost',
  },
  {
    defect: 'delete-not-fenced',
    scenario: 'delete-while-indexing',
    expected: 'nothing-acknowledged-lost',
  },
  // Hermes #10324
  {
    defect: 'ignores-upstream-close',
    scenario: 'llm-closes-mid-answer',
    expected: 'every-request-ends',
    diagnosis: { codes: ['half-closed', 'awaiting-forever'], file: 'target/model/attempt.ts' },
  },
  {
    defect: 'inactivity-timeout-only',
    scenario: 'llm-drips',
    expected: 'every-request-ends',
    diagnosis: ATTEMPT,
  },
  {
    defect: 'inactivity-timeout-only',
    scenario: 'embeddings-drip',
    expected: 'progress',
    diagnosis: ATTEMPT,
  },
  {
    defect: 'inactivity-timeout-only',
    scenario: 'llm-heartbeats-only',
    expected: 'every-request-ends',
    diagnosis: ATTEMPT,
  },
  {
    defect: 'keepalive-only',
    scenario: 'llm-process-paused',
    expected: 'every-request-ends',
    proposedFix: true,
    diagnosis: { codes: ['upstream-stalled'], file: null },
  },
  {
    defect: 'keepalive-only',
    scenario: 'llm-goes-silent',
    expected: 'every-request-ends',
    proposedFix: true,
    diagnosis: ATTEMPT,
  },
  {
    defect: 'truncation-taken-for-success',
    scenario: 'llm-closes-mid-answer',
    expected: 'no-truncated-answer-complete',
  },
  {
    defect: 'truncated-call-repaired',
    scenario: 'llm-closes-mid-call',
    expected: 'no-truncated-answer-complete',
  },
  {
    defect: 'dead-pool-socket-reused',
    scenario: 'idle-pool-closed@llm',
    expected: 'next-request-succeeds',
  },
  {
    defect: 'turns-share-a-small-pool',
    scenario: 'sessions-stall',
    expected: 'others-progress',
    diagnosis: { codes: ['pool-exhausted', 'upstream-stalled', 'awaiting-forever'], file: null },
  },
  // pi-web #24
  {
    defect: 'broadcast-per-token',
    scenario: 'token-storm',
    expected: 'bytes-per-token-flat',
  },
  {
    defect: 'coalesced-broadcast-only',
    scenario: 'token-storm',
    expected: 'bytes-per-token-flat',
    proposedFix: true,
  },
  {
    defect: 'stats-rescanned-per-event',
    scenario: 'token-storm',
    expected: 'cpu-per-event-flat',
    diagnosis: piWeb('stats-rescanned-per-event', 'event-loop-blocked'),
  },
  {
    defect: 'process-per-event',
    scenario: 'token-storm',
    expected: 'children-back',
  },
  {
    defect: 'listing-rescans-everything',
    scenario: 'session-listing-under-stream',
    expected: 'others-progress',
  },
  {
    defect: 'session-files-left-open',
    scenario: 'session-listing',
    expected: 'fds-back',
    diagnosis: { codes: ['fd-leak'], file: null },
  },
  // Agent Zero #1484
  {
    defect: 'emit-waits-for-client',
    scenario: 'slow-reader',
    expected: 'stream-progress',
  },
  {
    defect: 'task-errors-swallowed',
    scenario: 'background-task-fails',
    expected: 'task-ends',
  },
  {
    defect: 'reparse-on-every-chunk',
    scenario: 'long-answer',
    expected: 'cpu-per-doubling',
    diagnosis: { codes: ['event-loop-blocked'], file: 'target/defects/partial-json.ts' },
  },
  {
    defect: 'reparse-on-closing-brace',
    scenario: 'long-answer-braces',
    expected: 'cpu-per-doubling',
    proposedFix: true,
    diagnosis: { codes: ['event-loop-blocked'], file: 'target/defects/partial-json.ts' },
  },
  {
    defect: 'history-wait-unbounded',
    scenario: 'compression-stalls',
    expected: 'every-request-ends',
    diagnosis: { codes: ['awaiting-forever', 'upstream-stalled'], file: null },
  },
  {
    defect: 'timeout-without-cancel',
    scenario: 'compression-stalls',
    expected: 'upstream-let-go',
    proposedFix: true,
  },
  {
    defect: 'bridge-without-timeout',
    scenario: 'worker-loop-busy',
    expected: 'stream-progress',
    diagnosis: agentZero('bridge-without-timeout', 'awaiting-forever'),
  },
  {
    defect: 'handlers-one-by-one',
    scenario: 'handler-stalls',
    expected: 'others-progress',
    diagnosis: { codes: ['upstream-stalled', 'awaiting-forever'], file: null },
  },
  {
    defect: 'thread-per-session',
    scenario: 'session-churn',
    expected: 'threads-back',
    diagnosis: { codes: ['thread-leak'], file: null },
  },
  // The same classes, reported elsewhere
  {
    defect: 'permit-lost-on-abort',
    scenario: 'clients-abort',
    expected: 'next-request-succeeds',
  },
  { defect: 'response-body-unread', scenario: 'llm-errors', expected: 'progress-resumes' },
  {
    defect: 'disconnect-not-propagated',
    scenario: 'clients-vanish',
    expected: 'upstream-let-go',
  },
  { defect: 'retries-multiply', scenario: 'llm-rate-limits', expected: 'attempts-bounded' },
  {
    defect: 'shutdown-waits-for-streams',
    scenario: 'shutdown-under-load',
    expected: 'exits-in-grace',
  },
  {
    defect: 'upload-leftovers',
    scenario: 'clients-abandon-uploads',
    expected: 'temp-bytes-back',
  },
  { defect: 'queue-unbounded', scenario: 'upload-flood', expected: 'overload-refused' },
];
