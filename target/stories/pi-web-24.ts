/**
 * pi-web issue 24: after a day of streaming the server is at its limits. Its story on the bundled server, and the
 * fix that was proposed.
 */
import { messageOfCheck, type Story } from '../../harness/matrix/story.ts';

export const piWeb24: Story = {
  name: 'pi-web-24',
  headline:
    'pi-web #24: the longer it streams, the more CPU, bytes and descriptors each token costs',
  steps: [
    {
      chapter: 'the report',
      title: 'each token is broadcast with the whole answer so far',
      scenario: 'token-storm',
      defect: 'broadcast-per-token',
      fails: 'bytes-per-token-flat',
      tells: (result) =>
        `${messageOfCheck(result, 'bytes-per-token-flat')}; health: ${messageOfCheck(result, 'health')}`,
    },
    {
      chapter: 'the report',
      title: 'statistics of the whole session are counted again for each event',
      scenario: 'token-storm',
      defect: 'stats-rescanned-per-event',
      fails: 'cpu-per-event-flat',
      tells: (result) => messageOfCheck(result, 'cpu-per-event-flat'),
    },
    {
      chapter: 'the report',
      title: 'descriptors of session files stay open',
      scenario: 'session-listing',
      defect: 'session-files-left-open',
      fails: 'fds-back',
      tells: (result) => messageOfCheck(result, 'fds-back'),
    },
    {
      chapter: 'the report',
      title: "the reporter's own later finding: a child process for each event",
      scenario: 'token-storm',
      defect: 'process-per-event',
      fails: 'children-back',
      tells: (result) => messageOfCheck(result, 'children-back'),
    },
    {
      chapter: 'proposed fix',
      title: 'collect tokens before a broadcast',
      scenario: 'token-storm',
      defect: 'coalesced-broadcast-only',
      fails: 'bytes-per-token-flat',
      tells: (result) =>
        `fewer events, which still grow: ${messageOfCheck(result, 'bytes-per-token-flat')}`,
    },
    {
      chapter: 'healthy',
      title: 'collected events with the new text only, and statistics that are carried on',
      scenario: 'token-storm',
      defect: null,
      fails: null,
      tells: (result) =>
        `${messageOfCheck(result, 'bytes-per-token-flat')}; ${messageOfCheck(result, 'cpu-per-event-flat')}`,
    },
    {
      chapter: 'healthy',
      title: 'and listings that close what they open',
      scenario: 'session-listing',
      defect: null,
      fails: null,
      tells: (result) => messageOfCheck(result, 'fds-back'),
    },
  ],
  corrections: [
    'Most of the CPU went into a child process for each event, not into the broadcast.',
    'The descriptors that seemed to leak were reads in flight: before the fixes 18 listings at a time held 365 of them, and had one file open 10 times.',
    'With 8 clients and 4 listings a second, 13 of 165 listings were ever answered, and health was still dead when the load was gone.',
    'One page that stops reading takes 2 GB in 28 s.',
    'Bytes for each client at 1, 2, 4 and 8 thousand tokens: 6.7, 23.4, 87.4 and 337 MB.',
  ],
};
