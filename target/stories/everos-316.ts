/**
 * EverOS issue 316: "server hangs after N successful uploads". Its story on the bundled target, each of
 * the fixes that were proposed, and what measuring the real server showed of the report's own account.
 */
import { messageOfCheck, type Story } from '../../harness/matrix/story.ts';
import { formatMs } from '../../harness/platform/duration.ts';
import type { RunResult } from '../../harness/run/run.ts';

export const everos316: Story = {
  name: 'everos-316',
  headline: 'EverOS #316: after a few successful uploads, one after another, the server hangs',
  steps: [
    {
      chapter: 'the report',
      title: 'uploads one after another; one engine permit, shared with the cascade',
      scenario: 'upload-burst',
      defect: 'cascade-takes-engine-permit',
      fails: 'progress',
      tells: (result) =>
        `${result.requests.acknowledged} uploads answered 201, the next one never; ${modelAtEnd(result)}`,
    },
    {
      chapter: 'the report',
      title: 'a model call fails, and its error is rendered on the event loop',
      scenario: 'llm-refuses',
      defect: 'error-rendered-on-loop',
      fails: 'health',
      tells: (result) =>
        `/health goes with it: ${messageOfCheck(result, 'health')}${place(result)}`,
    },
    {
      chapter: 'proposed fix',
      title: 'a deadline for each attempt',
      scenario: 'llm-goes-silent',
      defect: 'no-attempt-deadline',
      fails: 'every-request-ends',
      tells: () =>
        'needed against a model that falls silent (without it uploads hang), but no cure for the report: that target has these deadlines, and hangs with no call at the model',
    },
    {
      chapter: 'proposed fix',
      title: 'a longer timeout (60 s to 300 s)',
      scenario: 'llm-goes-silent',
      defect: 'longer-timeout',
      fails: 'every-request-ends',
      tells: (result) =>
        `the hang only lasts longer: ${messageOfCheck(result, 'every-request-ends')}`,
    },
    {
      chapter: 'proposed fix',
      title: 'a watchdog that frees rows in processing',
      scenario: 'embeddings-slow',
      defect: 'claims-released-by-timer',
      fails: 'indexed-once',
      tells: (result) => `takes rows from live workers: ${messageOfCheck(result, 'indexed-once')}`,
    },
    {
      chapter: 'proposed fix',
      title: 'health independent of everything',
      scenario: 'llm-goes-silent',
      defect: 'ready-always-green',
      fails: 'ready-tells-the-truth',
      tells: (result) => `hides the hang: ${messageOfCheck(result, 'ready-tells-the-truth')}`,
    },
    {
      chapter: 'proposed fix',
      title: 'the cascade with a budget of its own, and no permit kept while queueing',
      scenario: 'upload-burst',
      defect: null,
      fails: null,
      tells: (result) => `holds: ${messageOfCheck(result, 'progress')}`,
    },
    {
      chapter: 'healthy',
      title: 'all of it together, against a model that falls silent',
      scenario: 'llm-goes-silent',
      defect: null,
      fails: null,
      tells: (result) => messageOfCheck(result, 'every-request-ends'),
    },
    {
      chapter: 'healthy',
      title: 'and against a model that refuses one upload in three',
      scenario: 'llm-refuses',
      defect: null,
      fails: null,
      tells: (result) => messageOfCheck(result, 'health'),
    },
  ],
  corrections: [
    'Uploads of the real server never enter the semaphore that the report blames.',
    'Measured on the real 1.1.0: one failed model call is enough. Its error, with every local of every frame, is rendered on the event loop for 25-150 s; /health dies with it and the model is idle. 1.5.1 cut that to 1-2 s.',
    'A scanner takes claims back from rows that are being worked on; a forced release of `processing` rows became the cause of a later report.',
    'Embeddings that drip, a byte now and then, wedge the indexer for ever while health is green: in the newest version too (here: embeddings-drip).',
  ],
};

function modelAtEnd({ requests, upstreamCalls }: RunResult): string {
  const age = requests.open > 0 ? `, ${formatMs(requests.oldestMs)} later` : '';
  return upstreamCalls === 0
    ? `the model is idle${age}`
    : `${upstreamCalls} calls are at the model`;
}

function place({ diagnosis }: RunResult): string {
  const where = diagnosis?.where[0];
  return where
    ? `; on the loop at that moment: ${where.function} at ${where.file}:${where.line}`
    : '';
}
