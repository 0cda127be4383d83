/** Which operations each scenario sends to the bundled server, and what it sets otherwise there. */
import type { ScenarioSettings } from '../../harness/target/config/config.ts';

/** A turn has the limit that requests have. */
const SHORT_TURNS = ['--turn-ms', '2000'];

/** An answer is read to its end, however long a blocked event loop takes for it: what it costs is measured. */
const PATIENT = [
  ...['--turn-ms', '60000', '--request-ms', '30000'],
  ...['--attempt-ms', '20000', '--idle-ms', '15000'],
];

export const settings: Readonly<Record<string, ScenarioSettings>> = {
  // A smaller queue is full sooner.
  'upload-flood': { args: ['--queue-rows', '40'] },
  'llm-closes-mid-answer': { operations: ['chat', 'sessions'], args: SHORT_TURNS },
  'llm-closes-mid-call': { operations: ['note', 'sessions'], args: SHORT_TURNS },
  'llm-heartbeats-only': { operations: ['chat', 'sessions'], args: SHORT_TURNS },
  'llm-process-paused': { operations: ['chat', 'sessions'], args: ['--turn-ms', '900'] },
  'llm-rate-limits': { operations: ['chat', 'sessions'], args: SHORT_TURNS },
  'idle-pool-closed@llm': { operations: ['chat', 'sessions'], args: SHORT_TURNS },
  'token-storm': {
    operations: ['session', 'longAnswer', 'longContinue', 'events'],
    args: ['--turn-ms', '60000'],
  },
  'long-answer': { operations: ['longSteps'], args: PATIENT },
  'long-answer-braces': { operations: ['longSteps'], args: PATIENT },
  'session-listing': { operations: ['session', 'sessions'] },
  'session-listing-under-stream': { operations: ['session', 'sessions', 'longAnswer'] },
  'sessions-stall': { operations: ['chat', 'search', 'list'], args: SHORT_TURNS },
  'compression-stalls': {
    operations: ['session', 'continue', 'sessions'],
    args: ['--turn-ms', '950', '--compression-ms', '300', '--history-tokens', '60'],
  },
  'session-churn': { operations: ['session', 'find'] },
  'background-task-fails': { operations: ['session', 'summarize', 'sessions'] },
  'handler-stalls': { operations: ['session', 'summarize', 'sessions'] },
  'worker-loop-busy': { operations: ['session', 'findForever', 'longAnswer'] },
  'slow-reader': { operations: ['longAnswer', 'events', 'sessions'] },
  'shutdown-under-load': { operations: ['upload', 'search', 'list', 'longAnswer', 'events'] },
  'short-streams': { operations: ['longAnswer', 'sessions'] },
  'quiet-stream': { operations: ['events', 'sessions'] },
  'clients-vanish': { operations: ['longAnswer', 'sessions'], args: ['--turn-ms', '60000'] },
};
