/**
 * Python: asyncio tasks with their chains of awaits from the agent in targets that we start
 * (`python/sitecustomize.py`), and threads through py-spy in any other.
 */
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../clock.ts';
import { readText } from '../procfs.ts';
import type { Looked } from './looked.ts';
import type { OutsideView } from './outside.ts';
import { judgeTasks, type TaskDump } from './tasksof.ts';
import { runTool } from './tool.ts';
import type { Frame } from './types.ts';

/** SIGRTMIN + 10 with glibc: nobody else's, as far as is known. */
const AGENT_SIGNAL = 44;
const AGENT_MS = 5000;

/** What a Python target is to be started with, so that its tasks can be asked for later. */
export function pythonAgentEnvironment(
  tasksFile: string,
  pythonPath = process.env.PYTHONPATH,
): { PYTHONPATH: string; HANGLAB_TASKS: string } {
  const folder = fileURLToPath(new URL('python', import.meta.url));
  return { PYTHONPATH: pythonPath ? `${folder}:${pythonPath}` : folder, HANGLAB_TASKS: tasksFile };
}

export async function lookAtPython(
  pid: number,
  view: OutsideView,
  signal?: AbortSignal,
): Promise<Looked> {
  const evidence: string[] = [];
  if (view.look === 'awaits') {
    const dump = await askAgent(pid);
    if (dump) return { ...judgeTasks(dump), frozenMs: 0 };
    evidence.push(
      'its asyncio tasks could not be asked: hanglab’s agent is not in it (it is in targets that hanglab starts)',
    );
  }
  const begin = performance.now();
  const { output, absent, complaint } = await runTool(
    'py-spy',
    ['dump', '--json', '--pid', String(pid)],
    signal,
  );
  const frozenMs = performance.now() - begin;
  const threads = parseThreads(output);
  if (threads.length === 0) {
    const because = absent
      ? 'no Python stack: install py-spy (pip install py-spy)'
      : `no Python stack: ${complaint || 'py-spy said nothing'}`;
    return { isDecided: view.look !== 'awaits', evidence: [...evidence, because], frozenMs };
  }
  const main = threads.find(({ id }) => id === pid) ?? threads[0];
  const own = main?.frames.find(isOwn) ?? main?.frames[0];
  evidence.push(`py-spy: ${threads.length} threads; the first: ${stackLine(main?.frames ?? [])}`);
  if (view.look === 'awaits' || !own) return { isDecided: false, evidence, frozenMs };
  const rendering = main?.frames.some(({ file }) =>
    /\/(rich|pygments)\/|\/traceback\.py$/.test(file),
  );
  const what = rendering ? ' while it renders an error' : '';
  return {
    sentence: `The main thread runs without end${what}: ${own.function} (${own.file}:${own.line}).`,
    where: [
      {
        ...own,
        count: 1,
        ageMs: null,
        chain: main?.frames.toReversed() ?? [],
        waitsFor: '',
        locals: [],
      },
    ],
    evidence,
    frozenMs,
  };
}

/** @returns null when the agent is not in the process, or did not answer in time. */
async function askAgent(pid: number): Promise<TaskDump | null> {
  const file = /(?:^|\0)HANGLAB_TASKS=([^\0]+)/.exec(readText(`/proc/${pid}/environ`) ?? '')?.[1];
  const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readText(`/proc/${pid}/status`) ?? '')?.[1] ?? '0';
  // A real-time signal that nobody catches ends the process, as any other does.
  const isCaught = (BigInt(`0x${caught}`) & (1n << BigInt(AGENT_SIGNAL - 1))) !== 0n;
  if (!file || !isCaught) return null;
  await rm(file, { force: true });
  process.kill(pid, AGENT_SIGNAL);
  const deadline = monotonicMs() + AGENT_MS;
  while (monotonicMs() < deadline) {
    try {
      const dump = JSON.parse(await readFile(file, 'utf8')) as TaskDump;
      await rm(file, { force: true });
      return dump;
    } catch {
      await sleep(25);
    }
  }
  return null;
}

interface PythonThread {
  id: number;
  frames: Frame[];
}

function parseThreads(output: string): PythonThread[] {
  try {
    const threads = JSON.parse(output) as {
      os_thread_id: number;
      frames: { name: string; filename: string; line: number }[];
    }[];
    return threads.map(({ os_thread_id: id, frames }) => ({
      id,
      frames: frames.map(({ name, filename, line }) => ({
        function: name,
        file: filename,
        line,
        column: 0,
      })),
    }));
  } catch {
    return [];
  }
}

function stackLine(frames: readonly Frame[]): string {
  return frames
    .slice(0, 4)
    .map(({ function: name, file, line }) => `${name} (${file.split('/').at(-1)}:${line})`)
    .join(' < ');
}

/** Neither of Python's library nor of an installed package. */
function isOwn({ file }: Frame): boolean {
  return file.startsWith('/') && !/\/(lib\/python[\d.]+|site-packages|dist-packages)\//.test(file);
}
