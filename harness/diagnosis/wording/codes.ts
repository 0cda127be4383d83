/** One plain sentence for codes that need no place in the source. */
import type { DiagnosisCode } from '../codes.ts';

const SENTENCES: Partial<Record<DiagnosisCode, string>> = {
  crashed: 'The process has ended.',
  stopped: 'The process is stopped: nothing runs until SIGCONT.',
  'kernel-io': 'The process waits inside the kernel for a device or a network file system.',
  'event-loop-blocked': 'The event loop is blocked.',
  'event-loop-saturated': 'The event loop drowns in system calls.',
  'blocked-in-sync-call': 'The event loop sleeps inside a synchronous call.',
  'host-starved': 'The machine gives the process no core: not its own fault.',
  'saturated-but-live': 'It answers, but its event loop has no time left.',
  'threadpool-starved': 'Every thread of the pool is busy: files, DNS, crypto and zlib wait.',
  'pipe-full':
    'The event loop is blocked on a pipe that nobody reads, most often its standard output.',
  'backpressure-growth': 'What clients do not read piles up in memory.',
  'awaiting-forever': 'The event loop turns, and the health path itself is waiting.',
  'stale-claims': 'Work is claimed that nobody works on.',
  'slow-but-live': 'It is slow, but everything moves.',
  live: 'It lives: nothing stands still that anybody waits for.',
};

export function plainSentence(code: DiagnosisCode): string {
  return SENTENCES[code] ?? `Named ${code}.`;
}
