/** The threads of any Python process, through py-spy: some 50 ms, most of which the process runs. */
import { z } from 'zod';
import type { PythonThread, PythonThreadFacts } from '../../facts/runtime-facts.ts';
import { traceProcess } from '../../outside/trace-process.ts';
import { originOf } from './origin.ts';

export async function readPythonThreads(
  pid: number,
  signal?: AbortSignal,
): Promise<PythonThreadFacts & { frozenMs: number }> {
  const args = ['dump', '--json', '--pid', String(pid)];
  const { output, absent, complaint, complaints, frozenMs } = await traceProcess(
    pid,
    'py-spy',
    args,
    signal ? { signal } : {},
  );
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
  return { threads, because, frozenMs };
}

const dump = z.array(
  z.object({
    os_thread_id: z.number(),
    thread_name: z.string().nullish(),
    frames: z.array(z.object({ name: z.string(), filename: z.string(), line: z.number() })),
  }),
);

function parseThreads(output: string): PythonThread[] {
  try {
    return dump
      .parse(JSON.parse(output))
      .map(({ os_thread_id: id, thread_name: name, frames }) => ({
        id,
        name: name ?? String(id),
        frames: frames.map(({ name: called, filename: file, line }) => ({
          function: called,
          file,
          line,
          column: 0,
          origin: originOf(file),
        })),
      }));
  } catch {
    return [];
  }
}
