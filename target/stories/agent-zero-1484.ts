/**
 * Agent Zero issue 1484: chats die silently. Its story on the bundled server, and each of the fixes that were
 * proposed.
 */
import { messageOfCheck, type Story } from '../../harness/matrix/story.ts';

export const agentZero1484: Story = {
  name: 'agent-zero-1484',
  headline: 'Agent Zero #1484: chats stop without a word, and the process only grows',
  steps: [
    {
      chapter: 'the report',
      title: "a background task's error goes nowhere",
      scenario: 'background-task-fails',
      defect: 'task-errors-swallowed',
      fails: 'task-ends',
      tells: (result) => messageOfCheck(result, 'task-ends'),
    },
    {
      chapter: 'the report',
      title: 'the whole answer is parsed again at each chunk',
      scenario: 'long-answer',
      defect: 'reparse-on-every-chunk',
      fails: 'cpu-per-doubling',
      tells: (result) => messageOfCheck(result, 'cpu-per-doubling'),
    },
    {
      chapter: 'the report',
      title: 'a turn waits without a limit for its compressed history',
      scenario: 'compression-stalls',
      defect: 'history-wait-unbounded',
      fails: 'every-request-ends',
      tells: (result) => messageOfCheck(result, 'every-request-ends'),
    },
    {
      chapter: 'the report',
      title: "each event waits for another thread's loop",
      scenario: 'worker-loop-busy',
      defect: 'bridge-without-timeout',
      fails: 'stream-progress',
      tells: (result) => messageOfCheck(result, 'stream-progress'),
    },
    {
      chapter: 'the report',
      title: 'one queue for the handlers of all sessions',
      scenario: 'handler-stalls',
      defect: 'handlers-one-by-one',
      fails: 'others-progress',
      tells: (result) => messageOfCheck(result, 'others-progress'),
    },
    {
      chapter: 'the report',
      title: 'a thread for each session, never ended',
      scenario: 'session-churn',
      defect: 'thread-per-session',
      fails: 'threads-back',
      tells: (result) => messageOfCheck(result, 'threads-back'),
    },
    {
      chapter: 'proposed fix',
      title: 'parse only what ends in a brace',
      scenario: 'long-answer-braces',
      defect: 'reparse-on-closing-brace',
      fails: 'cpu-per-doubling',
      tells: (result) =>
        `text full of braces costs as much as before: ${messageOfCheck(result, 'cpu-per-doubling')}`,
    },
    {
      chapter: 'proposed fix',
      title: 'a timeout around the wait',
      scenario: 'compression-stalls',
      defect: 'timeout-without-cancel',
      fails: 'upstream-let-go',
      tells: (result) =>
        `the turn goes on, and so does the work behind it: ${messageOfCheck(result, 'upstream-let-go')}`,
    },
    {
      chapter: 'healthy',
      title: 'a wait with a limit that cancels, and a task that always ends',
      scenario: 'compression-stalls',
      defect: null,
      fails: null,
      tells: (result) =>
        `${messageOfCheck(result, 'every-request-ends')}; ${messageOfCheck(result, 'upstream-let-go')}`,
    },
    {
      chapter: 'healthy',
      title: 'and an answer that is parsed once, braces or not',
      scenario: 'long-answer-braces',
      defect: null,
      fails: null,
      tells: (result) => messageOfCheck(result, 'cpu-per-doubling'),
    },
  ],
  corrections: [
    'The gate at the closing brace is still quadratic on text full of braces: 64,000 characters cost 17 s of CPU in the real package.',
    'A timeout around a wait does not cancel the thread behind it.',
  ],
};
