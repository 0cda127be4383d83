/** Go: every goroutine with its stack and the reason it waits, through delve; the process goes on after it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Origin } from '../../diagnosis.ts';
import type { GoroutineFacts } from '../../facts/runtime-facts.ts';
import { traceProcess } from '../../outside/trace-process.ts';

interface Reading {
  id: number;
  reason: string;
  frames: { function: string; file: string; line: number; column: number; origin: Origin }[];
}

export async function readGoroutines(
  pid: number,
  signal?: AbortSignal,
): Promise<GoroutineFacts & { frozenMs: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'hanglab-delve-'));
  try {
    const commands = join(folder, 'commands');
    await writeFile(commands, 'goroutines -t 50\nexit -c\n');
    const args = [
      'attach',
      String(pid),
      '--allow-non-terminal-interactive=true',
      '--init',
      commands,
    ];
    const { output, absent, complaint, complaints, frozenMs } = await traceProcess(
      pid,
      'dlv',
      args,
      signal ? { signal } : {},
    );
    const goroutines = parseGoroutines(output);
    const because =
      goroutines.length > 0
        ? ''
        : absent
          ? 'install delve (go install github.com/go-delve/delve/cmd/dlv@latest)'
          : /debug info/.test(complaints)
            ? 'its debug information was left out (-ldflags=-s -w): build it without those flags'
            : complaint || 'delve said nothing';
    return { goroutines, because, frozenMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads the text of delve's `goroutines -t`. */
function parseGoroutines(output: string): Reading[] {
  const goroutines: Reading[] = [];
  for (const line of output.replace(/\u001b\[[\d;]*m/g, '').split('\n')) {
    const head = /^[* ]*Goroutine (\d+) - .*?(?:\[([^\]]*)\])?\s*$/.exec(line);
    const frame = /^\s+\d+\s+0x[0-9a-f]+ in (.+)$/.exec(line);
    const place = /^\s+at (.+):(\d+)$/.exec(line);
    const last = goroutines.at(-1);
    if (head) goroutines.push({ id: Number(head[1]), reason: head[2] ?? '', frames: [] });
    else if (frame?.[1] && last) {
      last.frames.push({ function: frame[1], file: '', line: 0, column: 0, origin: 'runtime' });
    } else if (place?.[1]) {
      const open = last?.frames.at(-1);
      if (!open) continue;
      // Delve shows files below the working directory relative to it.
      const file = place[1].startsWith('.') ? resolve(place[1]) : place[1];
      Object.assign(open, {
        file,
        line: Number(place[2]),
        origin: originOf(file, open.function),
      });
    }
  }
  return goroutines;
}

/** Go's own, a module that was downloaded, or the program's. */
function originOf(file: string, name: string): Origin {
  if (/\/pkg\/mod\/|\/vendor\//.test(file)) return 'package';
  const isRuntime =
    !file.startsWith('/') ||
    /\/(go|golang)[\d.-]*\/src\//.test(file) ||
    /^(runtime|internal)[./]/.test(name);
  return isRuntime ? 'runtime' : 'program';
}
