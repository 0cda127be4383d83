/** The threads of any Python process, through py-spy: the line that blocks its event loop. */
import type { DiagnosisCode } from '../../codes.ts';
import type { Frame } from '../../diagnosis.ts';
import type { Looked } from '../../inside-view.ts';
import { named } from '../../wording/frame.ts';
import { runTool } from '../debugger-command.ts';
import { LIBRARY } from './task-dump.ts';

export interface PythonThread {
  /** As the kernel counts threads: the first has the process's number. */
  id: number;
  name: string;
  /** Innermost first. */
  frames: Frame[];
}

export interface PythonThreads {
  threads: PythonThread[];
  /** Why there are none, and what helps. */
  because: string;
  frozenMs: number;
}

/** Some 50 ms, most of which the process runs. */
export async function pythonThreads(pid: number, signal?: AbortSignal): Promise<PythonThreads> {
  const begin = performance.now();
  const args = ['dump', '--json', '--pid', String(pid)];
  const { output, absent, complaint, complaints } = await runTool('py-spy', args, signal);
  const threads = parseThreads(output);
  const refused = /permission denied|operation not permitted/i.test(complaints);
  const because =
    threads.length > 0
      ? ''
      : absent
        ? 'no Python stack: install py-spy (pip install py-spy)'
        : refused
          ? 'no Python stack: py-spy may not look into it; run hanglab as root, or allow it (sudo sysctl kernel.yama.ptrace_scope=0; docker run --cap-add SYS_PTRACE)'
          : `no Python stack: ${complaint || 'py-spy said nothing'}`;
  return { threads, because, frozenMs: performance.now() - begin };
}

/** The line of the program that its first thread runs, or sleeps in. */
export function judgeThreads(
  pid: number,
  threads: readonly PythonThread[],
  code: DiagnosisCode,
): Omit<Looked, 'frozenMs'> {
  const main = threads.find(({ id }) => id === pid) ?? threads[0];
  const evidence = threads.slice(0, 8).map(stackLine);
  if (threads.length > 8) evidence.push(`and ${threads.length - 8} more threads`);
  const own = main?.frames.find(isOwn) ?? main?.frames[0];
  if (!main || !own) return { isDecided: false, evidence };
  const renderer = main.frames.findLast(({ file }) => RENDERERS.test(file));
  if (renderer) {
    evidence.push(
      `it renders an error: ${named(renderer)} is on its stack, which is never there otherwise; what it prints is too large, most often the variables of each frame`,
    );
  }
  const isAsleep = code === 'blocked-in-sync-call';
  const doing = isAsleep ? 'sleeps in a synchronous call' : (RUNS[code] ?? 'runs without end');
  const rendering = renderer ? ', rendering an error' : '';
  return {
    sentence: `The main thread ${doing}${rendering}: ${named(own)}.`,
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

const RUNS: Partial<Record<DiagnosisCode, string>> = {
  'saturated-but-live': 'answers, but has hardly any time left',
};

/** What formats a traceback, with its locals or with colours: on no other way is it on the stack. */
const RENDERERS = /\/(rich\/(traceback|pretty|syntax)|pygments\/[^/]+|traceback|cgitb)\.py$/;

function parseThreads(output: string): PythonThread[] {
  try {
    const threads = JSON.parse(output) as {
      os_thread_id: number;
      thread_name: string | null;
      frames: { name: string; filename: string; line: number }[];
    }[];
    return threads.map(({ os_thread_id: id, thread_name: name, frames }) => ({
      id,
      name: name ?? String(id),
      frames: frames.map(({ name: called, filename, line }) => ({
        function: called,
        file: filename,
        line,
        column: 0,
      })),
    }));
  } catch {
    return [];
  }
}

function stackLine({ name, frames }: PythonThread): string {
  const stack = frames
    .slice(0, 4)
    .map(({ function: called, file, line }) => `${called} (${file.split('/').at(-1)}:${line})`);
  return `thread ${name}: ${stack.join(' < ') || 'no Python code'}`;
}

/** Neither of Python's library nor of an installed package. */
function isOwn({ file }: Frame): boolean {
  return file.startsWith('/') && !LIBRARY.test(file);
}
