/**
 * The native stack of a process's first thread, and what it says in plain words. It stops the
 * process for some 60 ms. This is the only witness while JavaScript waits inside native code.
 */
import { runTool } from '../runtimes/debugger-command.ts';

export interface NativeStack {
  tool: 'eu-stack' | 'gdb';
  /** Function names, innermost first; unnamed frames (compiled JavaScript) are left out. */
  frames: string[];
}

/** @returns the stack, or why it cannot be had and what would help. */
export async function nativeStack(
  pid: number,
  signal?: AbortSignal,
): Promise<NativeStack | { missing: string }> {
  const eu = await runTool('eu-stack', ['-1', '-p', String(pid)], signal);
  if (eu.output) {
    const frames = framesOf(eu.output);
    if (frames.length > 0) return { tool: 'eu-stack', frames };
  }
  const gdb = await runTool('gdb', ['-p', String(pid), '-batch', '-nx', '-ex', 'bt 40'], signal);
  if (gdb.output) {
    const frames = framesOf(gdb.output);
    if (frames.length > 0) return { tool: 'gdb', frames };
  }
  if (eu.absent && gdb.absent) {
    return { missing: 'no native stack: install elfutils (eu-stack) or gdb' };
  }
  return {
    missing: `no native stack: ${eu.complaint || gdb.complaint || 'the tracer said nothing'} (does ptrace_scope forbid it?)`,
  };
}

function framesOf(output: string): string[] {
  return output.split('\n').flatMap((line) => {
    const name = /^#\d+\s+(?:0x[0-9a-f]+\s+)?(?:in\s+)?(.+)$/.exec(line)?.[1]?.trim() ?? '';
    const bare = name.replace(/^0x[0-9a-f]+\s*/, '');
    return bare === '' || bare.startsWith('?? ') ? [] : [bare];
  });
}

/** What is going on, innermost first match: a pattern on any frame, and its name in a person's words. */
const MEANINGS: [RegExp, string][] = [
  [/SyncProcessRunner/, 'execSync'],
  [/FutexEmulation|Builtin_AtomicsWait/, 'Atomics.wait'],
  [/Builtin_?JsonParse|JsonParser/, 'JSON.parse'],
  [/JsonStringif/, 'JSON.stringify'],
  [/RegExpImpl|IrregexpInterpreter|NativeRegExpMacroAssembler|RegExpExec/, 'a regular expression'],
  [/PBKDF2|pbkdf2/, 'pbkdf2Sync'],
  [/[Ss]crypt/, 'scryptSync'],
  [/node::crypto::Hash|node::crypto::Hmac/, 'a hash'],
  [/node::crypto::/, 'a synchronous crypto call'],
  [/node::zlib|Zlib|Brotli|deflate|inflate/, 'a synchronous zlib call'],
  [/sqlite3_/, 'SQLite'],
  [/node::fs::|uv_fs_/, 'a synchronous file call'],
  [/structuredClone|ValueSerializer|ValueDeserializer/, 'structuredClone'],
  [/ArrayPrototypeSort|ArraySort/, 'Array.prototype.sort'],
  [/String::SlowFlatten|StringReplace|StringSplit/, 'string work'],
  // Last: whatever allocates is interrupted by collections, and is then the better name.
  [/Heap::CollectGarbage|Heap::Scavenge|MarkCompact|Scavenger/, 'garbage collection'],
];

export interface NativeMeaning {
  /** `pbkdf2Sync`, `JSON.parse`, ... or null when no frame is known. */
  call: string | null;
  /** It sits in its own event loop and waits for events: not blocked at all. */
  idle: boolean;
}

/** @param frames innermost first. */
export function meaningOf(frames: readonly string[]): NativeMeaning {
  const call =
    MEANINGS.find(([pattern]) => frames.some((frame) => pattern.test(frame)))?.[1] ?? null;
  const idle = call === null && frames.slice(0, 4).some((frame) => /uv__io_poll/.test(frame));
  return { call, idle };
}
