/**
 * Which defect which scenario must catch, and by which check: the rows of the matrix. Where a defect has
 * several scenarios the first binds, and the others are further rows of the same defect.
 */
import type { CheckId } from './checks/check.ts';

export interface MatrixRow {
  defect: string;
  scenario: string;
  expected: CheckId;
  /** A repair that was proposed and does not hold. */
  proposedFix?: boolean;
}

export const MATRIX_ROWS: readonly MatrixRow[] = [
  // EverOS #316
  { defect: 'cascade-takes-engine-permit', scenario: 'upload-burst', expected: 'progress' },
  {
    defect: 'permit-held-across-retries',
    scenario: 'llm-fails-for-some',
    expected: 'others-progress',
  },
  { defect: 'no-attempt-deadline', scenario: 'llm-goes-silent', expected: 'every-request-ends' },
  {
    defect: 'longer-timeout',
    scenario: 'llm-goes-silent',
    expected: 'every-request-ends',
    proposedFix: true,
  },
  {
    defect: 'ready-always-green',
    scenario: 'llm-goes-silent',
    expected: 'ready-tells-the-truth',
    proposedFix: true,
  },
  { defect: 'health-behind-engine', scenario: 'llm-slow', expected: 'health' },
  {
    defect: 'writer-lock-held-over-model',
    scenario: 'embeddings-stall-some',
    expected: 'others-progress',
  },
  {
    defect: 'batch-waits-for-slowest',
    scenario: 'embeddings-stall-some',
    expected: 'others-progress',
  },
  {
    defect: 'upload-waits-for-cascade',
    scenario: 'embeddings-stall',
    expected: 'every-request-ends',
  },
  { defect: 'claims-never-expire', scenario: 'kill-and-restart', expected: 'progress-resumes' },
  {
    defect: 'claims-released-by-timer',
    scenario: 'embeddings-slow',
    expected: 'indexed-once',
    proposedFix: true,
  },
  { defect: 'sync-work-on-loop', scenario: 'upload-burst-large', expected: 'health' },
  {
    defect: 'acknowledged-before-durable',
    scenario: 'kill-and-restart',
    expected: 'nothing-acknowledged-lost',
  },
  { defect: 'error-rendered-on-loop', scenario: 'llm-refuses', expected: 'health' },
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
  // The same classes, reported elsewhere
  { defect: 'inactivity-timeout-only', scenario: 'llm-drips', expected: 'every-request-ends' },
  { defect: 'inactivity-timeout-only', scenario: 'embeddings-drip', expected: 'progress' },
  { defect: 'queue-unbounded', scenario: 'upload-flood', expected: 'overload-refused' },
];
