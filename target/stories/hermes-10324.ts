/**
 * Hermes issue 10324: the model's connection dies in mid-answer, and the agent waits for ever. Its story on the
 * bundled server, and each of the fixes that were proposed.
 */
import { messageOfCheck, type Story } from '../../harness/matrix/story.ts';

export const hermes10324: Story = {
  name: 'hermes-10324',
  headline: "Hermes #10324: the model's connection dies in mid-answer, and the turn never ends",
  steps: [
    {
      chapter: 'the report',
      title: 'the model closes in mid-answer, and nobody reads the end',
      scenario: 'llm-closes-mid-answer',
      defect: 'ignores-upstream-close',
      fails: 'every-request-ends',
      tells: (result) =>
        `${messageOfCheck(result, 'every-request-ends')}; ${messageOfCheck(result, 'close-wait')}`,
    },
    {
      chapter: 'the report',
      title: 'silent streams take all places of a pool that everything shares',
      scenario: 'sessions-stall',
      defect: 'turns-share-a-small-pool',
      fails: 'others-progress',
      tells: (result) => messageOfCheck(result, 'others-progress'),
    },
    {
      chapter: 'proposed fix',
      title: 'TCP keepalive',
      scenario: 'llm-process-paused',
      defect: 'keepalive-only',
      fails: 'every-request-ends',
      tells: (result) =>
        `the kernel of a stopped process still answers: ${messageOfCheck(result, 'every-request-ends')}`,
    },
    {
      chapter: 'proposed fix',
      title: 'an inactivity timer',
      scenario: 'llm-heartbeats-only',
      defect: 'inactivity-timeout-only',
      fails: 'every-request-ends',
      tells: (result) =>
        `each sign of life starts it again: ${messageOfCheck(result, 'every-request-ends')}`,
    },
    {
      chapter: 'proposed fix',
      title: 'take what has come for the answer',
      scenario: 'llm-closes-mid-answer',
      defect: 'truncation-taken-for-success',
      fails: 'no-truncated-answer-complete',
      tells: (result) => messageOfCheck(result, 'no-truncated-answer-complete'),
    },
    {
      chapter: 'proposed fix',
      title: 'keep idle connections open for longer',
      scenario: 'idle-pool-closed@llm',
      defect: 'dead-pool-socket-reused',
      fails: 'next-request-succeeds',
      tells: (result) => messageOfCheck(result, 'next-request-succeeds'),
    },
    {
      chapter: 'healthy',
      title: 'a deadline from the begin of a call to its end, and an end that is read',
      scenario: 'llm-closes-mid-answer',
      defect: null,
      fails: null,
      tells: (result) => messageOfCheck(result, 'every-request-ends'),
    },
    {
      chapter: 'healthy',
      title: 'and against a model whose process is stopped',
      scenario: 'llm-process-paused',
      defect: null,
      fails: null,
      tells: (result) => messageOfCheck(result, 'every-request-ends'),
    },
  ],
  corrections: [
    'epoll does wake on a bare FIN. The detector of the real package was set to infinity for local endpoints, and later to 900 s.',
    'Keepalive was merged, broke other things, and was taken out again.',
    'In the real package no connection to the model was seen in CLOSE_WAIT during a fault. An idle one stood in it for 13 minutes, with one byte unread, and harmed nothing.',
    'One turn of a user cost 18 attempts at the model, since several layers retried (here: retries-multiply).',
  ],
};
