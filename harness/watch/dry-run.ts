/** Says exactly what a watch would do to a process, and does nothing. */
import { readFileSync } from 'node:fs';
import { inspectorRefusal } from '../diagnosis/inspector/eligibility.ts';
import { runtimeOf } from '../diagnosis/runtime.ts';
import { formatMs } from '../platform/duration.ts';
import { processOf } from './find-process.ts';
import type { WatchSettings } from './settings.ts';

export function dryRun(settings: WatchSettings): string[] {
  const { pid } = processOf(settings.wanted);
  const { healthUrl, healthLimitMs, requestLimitMs, unreadLimitMs, acceptLimitMs } = settings;
  const runtime = runtimeOf(pid);
  return [
    `process ${pid} (${nameOf(pid)}; ${runtime === 'other' ? 'no runtime that hanglab knows' : runtime})`,
    '',
    'all the time, without the process noticing:',
    `  each 5 s: reads in /proc its descriptors, threads, children, memory, CPU time and connections, and those of the processes below it${requestLimitMs === null ? '' : ', and runs `ss` for the age of its requests'}`,
    ...(healthUrl === null
      ? ['  no health path is given: nothing is sent to it']
      : [`  each second: one GET ${healthUrl}, on a new connection, never two at a time`]),
    '',
    'it is looked into (a diagnosis) when one of these holds:',
    ...(healthUrl === null
      ? []
      : [
          `  its health path does not answer for ${formatMs(healthLimitMs)}, or was well and fails three times in a row`,
        ]),
    `  connections wait to be accepted at every look for ${formatMs(acceptLimitMs)}`,
    `  bytes of clients lie unread, and not one more is read, for ${formatMs(unreadLimitMs)}`,
    requestLimitMs === null
      ? '  (requests are not judged by their age: give --request-limit for that)'
      : `  a client waits for an answer for ${formatMs(requestLimitMs)}`,
    '',
    'a diagnosis watches it from outside for 2.5 s, and where that does not settle it:',
    ...lookInside(settings, runtime, pid).map((line) => `  ${line}`),
    '',
    `and no other follows within ${formatMs(settings.apartMs)}`,
    'a count that only grows is reported from outside: nothing is done to the process',
    `a report is written below ${settings.report.out}/watch, of which the last ${settings.report.keep} are kept`,
    ...(settings.command === null ? [] : [`then runs: ${settings.command}`]),
    ...(settings.webhook === null ? [] : [`then posts the report to ${hostOf(settings.webhook)}`]),
    'no fault is injected, the process is never ended, and nothing of it is changed',
  ];
}

function lookInside({ heap, inject }: WatchSettings, runtime: string, pid: number): string[] {
  switch (runtime) {
    case 'node': {
      const refusal = inspectorRefusal(pid);
      if (refusal) return [`its inspector is not opened: ${refusal}`];
      return [
        'sends SIGUSR1, which opens its inspector on 127.0.0.1, and closes it again',
        heap
          ? 'takes a heap snapshot, whatever its size: it is paused for seconds if the heap is large'
          : 'takes a heap snapshot if the heap is no larger than 150 MB: it is paused for some 0.6 s at 100,000 objects',
      ];
    }
    case 'python':
      return [
        'reads its native stacks by eu-stack or gdb, which pauses it for some 0.1 s each',
        ...(inject ? ['lets gdb leave a request in it, which describes its asyncio tasks'] : []),
      ];
    default:
      return [
        'reads its stacks by a debugger where one is installed: it is paused for some 0.1 s each',
      ];
  }
}

function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

/** A webhook's path is often its secret. */
function hostOf(url: string): string {
  return new URL(url).host;
}
