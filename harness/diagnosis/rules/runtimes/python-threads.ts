/** The line of a Python program that its first thread runs, or sleeps in. */
import type { DiagnosisCode } from '../../codes.ts';
import type { Frame } from '../../diagnosis.ts';
import type { PythonThread, PythonThreadFacts } from '../../facts/runtime-facts.ts';
import { frameLabel } from '../../wording/frame.ts';
import { plural } from '../../wording/numbers.ts';
import type { Case, Verdict } from '../rule.ts';

const MAX_THREADS = 8;
const MAX_FRAMES = 4;

/** What formats a traceback, with its locals or with colours: nothing else brings it onto a stack. */
const RENDERERS = /(^|\/)(rich\/(traceback|pretty|syntax)|pygments\/[^/]+|traceback|cgitb)\.py$/;

/** @param code what the view from outside says of the first thread. */
export function threadVerdict(
  { process: { pid } }: Case,
  { threads, because }: PythonThreadFacts,
  code: DiagnosisCode,
): Verdict {
  if (threads.length === 0) return { code, evidence: [because] };
  const main = threads.find(({ id }) => id === pid) ?? threads[0];
  const evidence = threadLines(threads);
  const own = main?.frames.find(isOwn) ?? main?.frames[0];
  if (!main || !own) return { code, isDecided: false, evidence };
  if (code === 'event-loop-blocked' && main.frames[0] && isPolling(main.frames[0])) {
    return {
      code: 'undecided',
      isDecided: false,
      sentence:
        'Its main thread is busy and health does not answer, but it was met waiting for events: its loop turns.',
      evidence,
    };
  }
  const renderer = main.frames.findLast(({ file }) => RENDERERS.test(file));
  if (renderer) {
    evidence.push(
      `it renders an error: ${frameLabel(renderer)} is on its stack, which is never there otherwise; what it prints is too large, most often the variables of each frame`,
    );
  }
  const isAsleep = code === 'blocked-in-sync-call';
  const doing = isAsleep
    ? 'sleeps in a synchronous call'
    : code === 'saturated-but-live'
      ? 'answers, but has hardly any time left'
      : 'runs without end';
  return {
    code,
    sentence: `The main thread ${doing}${renderer ? ', rendering an error' : ''}: ${frameLabel(own)}.`,
    where: [
      {
        ...own,
        count: 1,
        ageMs: null,
        chain: main.frames.filter(isOwn).toReversed(),
        waitsFor: isAsleep ? 'a synchronous call' : '',
        locals: [],
      },
    ],
    evidence,
  };
}

/** Where `selectors` waits for events there is nothing else to do. */
function isPolling({ file, function: called }: Frame): boolean {
  return /(^|\/)selectors\.py$/.test(file) && /(^|\.)select$/.test(called);
}

/** What each thread does, in a line. */
export function threadLines(threads: readonly PythonThread[]): string[] {
  const more = threads.length - MAX_THREADS;
  return [
    ...threads.slice(0, MAX_THREADS).map(stackLine),
    ...(more > 0 ? [`and ${plural(more, 'more thread')}`] : []),
  ];
}

function stackLine({ name, frames }: PythonThread): string {
  const stack = frames
    .slice(0, MAX_FRAMES)
    .map(({ function: called, file, line }) => `${called} (${file.split('/').at(-1)}:${line})`);
  return `thread ${name}: ${stack.join(' < ') || 'no Python code'}`;
}

function isOwn({ origin }: Frame): boolean {
  return origin === 'program';
}
