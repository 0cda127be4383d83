/**
 * The native stack of a process's first thread. It stops the process for some 60 ms. This is the only witness
 * while JavaScript waits inside native code.
 */
import type { NativeLook } from '../facts/stack-facts.ts';
import { GDB_QUIETLY, traceProcess } from '../outside/trace-process.ts';

const MAX_FRAMES = 60;
const MAX_NAME_CHARACTERS = 300;

/** @returns the stack, or why it cannot be had and what would help. */
export async function nativeStack(
  pid: number,
  signal?: AbortSignal,
): Promise<{ look: NativeLook | null; missing: string | null; frozenMs: number }> {
  const options = signal ? { signal } : {};
  const eu = await traceProcess(pid, 'eu-stack', ['-1', '-p', String(pid)], options);
  const byEu = framesOf(eu.output);
  if (byEu.length > 0) {
    return { look: { tool: 'eu-stack', frames: byEu }, missing: null, frozenMs: eu.frozenMs };
  }
  const args = [...GDB_QUIETLY, '-p', String(pid), '-ex', 'bt 40'];
  const gdb = await traceProcess(pid, 'gdb', args, options);
  const frozenMs = eu.frozenMs + gdb.frozenMs;
  const byGdb = framesOf(gdb.output);
  if (byGdb.length > 0) return { look: { tool: 'gdb', frames: byGdb }, missing: null, frozenMs };
  const missing =
    eu.absent && gdb.absent
      ? 'no native stack: install elfutils (eu-stack) or gdb'
      : `no native stack: ${eu.complaint || gdb.complaint || 'the tracer said nothing'} (does ptrace_scope forbid it?)`;
  return { look: null, missing, frozenMs };
}

function framesOf(output: string): string[] {
  return output
    .split('\n')
    .flatMap((line) => {
      const name = /^#\d+\s+(?:0x[0-9a-f]+\s+)?(?:in\s+)?(.+)$/.exec(line)?.[1]?.trim() ?? '';
      const bare = name.replace(/^0x[0-9a-f]+\s*/, '').slice(0, MAX_NAME_CHARACTERS);
      return bare === '' || bare.startsWith('?? ') ? [] : [bare];
    })
    .slice(0, MAX_FRAMES);
}
