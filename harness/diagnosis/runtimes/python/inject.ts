/**
 * Asks a Python process that hanglab did not start for its asyncio tasks (`diagnose --inject`): gdb leaves a
 * request in it, and the process carries it out itself.
 *
 * The request is a "pending call" of Python's own: the main thread runs it between two bytecodes, where a
 * signal's handler would run. gdb is there for an instant only, long gone when Python code runs, and never
 * waits for the GIL. (Taking the GIL from gdb, by `PyGILState_Ensure`, has no bound while another thread
 * keeps it, cannot be given up half-way without ending the process, and on a thread that has the GIL runs
 * Python code in the midst of an instruction.) What the main thread does not come to within our time finds
 * its folder gone later, and does nothing. What stays is one page of the process's memory.
 */
import { chown, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLink } from '../../../platform/procfs/files.ts';
import { listeningPort } from '../../outside/accept-probe.ts';
import { runTool, type ToolAnswer } from '../debugger-command.ts';
import { answerIn } from './agent.ts';
import type { TaskDump } from './task-dump.ts';

const ANSWER_MS = 5000;
/** As often a bare connection is made, so that a loop that sleeps comes back to Python. */
const WAKE_EVERY_LOOKS = 8;
const PAGE_BYTES = 4096;

export interface Injected {
  dump: TaskDump | null;
  /** Why there is none, and what helps. */
  because: string;
  /** How long gdb held the process, at most. */
  frozenMs: number;
}

export async function askByInjection(pid: number, signal?: AbortSignal): Promise<Injected> {
  const place = await placeSharedWith(pid);
  if (!place) {
    return refused('there is no folder for temporary files that this process and hanglab both see');
  }
  try {
    const ask = join(place.inside, 'ask.py');
    const answer = join(place.inside, 'answer.json');
    const walk = await readFile(new URL('agent/hanglab_tasks.py', import.meta.url), 'utf8');
    await writeFile(join(place.folder, 'ask.py'), `${walk}\n\nwrite(${JSON.stringify(answer)})\n`);
    // In names of its own: the program's `__main__` gets none. It must not fail: that would be the program's error.
    const request = [
      `try: exec("with open(path) as f: text = f.read()\\nexec(compile(text, path, 'exec'), {'__name__': 'hanglab'})", {'path': ${JSON.stringify(ask)}})`,
      'except BaseException: pass',
      '\0',
    ].join('\n');
    if (Buffer.byteLength(request) > PAGE_BYTES)
      return refused('its temporary folder’s path is too long');
    await writeFile(join(place.folder, 'request'), request);
    await writeFile(join(place.folder, 'commands'), gdbCommands(join(place.folder, 'request')));
    await giveTo(place.folder, pid);

    const begin = performance.now();
    const args = gdbArguments(pid, join(place.folder, 'commands'));
    const gdb = await runTool('gdb', args, signal, { callsFunctions: true });
    const frozenMs = performance.now() - begin;
    if (!/^hanglab: asked$/m.test(gdb.output)) return { ...refused(whyNot(gdb, pid)), frozenMs };

    const port = listeningPort(pid);
    let looks = 0;
    const dump = await answerIn(join(place.folder, 'answer.json'), ANSWER_MS, signal, () => {
      if (port !== null && looks++ % WAKE_EVERY_LOOKS === 0) knock(port);
    });
    const because = dump
      ? ''
      : `its main thread did not come back to Python code within ${ANSWER_MS / 1000} s${port === null ? ' (it listens on no port, so that nothing could wake it)' : ''}`;
    return { dump, because, frozenMs };
  } finally {
    await rm(place.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function refused(because: string): Injected {
  return { dump: null, because, frozenMs: 0 };
}

/** Without debug information and without other libraries' symbols: the process stands still meanwhile. */
function gdbArguments(pid: number, commands: string): string[] {
  const before = ['auto-load off', 'debuginfod enabled off', 'auto-solib-add off'];
  return [
    ...['-nx', '-batch', '-readnever'],
    ...before.flatMap((setting) => ['-iex', `set ${setting}`]),
    ...['-p', String(pid), '-x', commands],
  ];
}

/** mmap and Py_AddPendingCall may be called from anywhere, as from a signal's handler; gdb's own strings need malloc. */
function gdbCommands(request: string): string {
  return `set unwindonsignal on
sharedlibrary libpython
sharedlibrary libc
set $page = ((char *(*)(void *, unsigned long, int, int, int, long)) mmap)(0, ${PAGE_BYTES}, 3, 34, -1, 0)
if (long) $page == -1
  error no memory
end
restore ${request} binary $page
if ((int (*)(void *, void *)) Py_AddPendingCall)((void *) PyRun_SimpleString, $page) == 0
  echo \\nhanglab: asked\\n
end
`;
}

function whyNot({ absent, output, complaint, complaints }: ToolAnswer, pid: number): string {
  if (absent) return 'gdb is not here: install it (apt-get install gdb)';
  const said = `${complaints}\n${output}`;
  const tracer = /already traced by process (\d+)/.exec(said)?.[1];
  if (tracer) return `another debugger looks at it, process ${tracer}`;
  if (/ptrace: |Could not attach/.test(said)) {
    return `gdb may not attach to process ${pid}: run hanglab as root, or allow it (sudo sysctl kernel.yama.ptrace_scope=0; docker run --cap-add SYS_PTRACE)`;
  }
  const noSymbol = /No symbol "(\w+)"/.exec(said)?.[1];
  if (noSymbol)
    return `gdb does not find ${noSymbol} in it: its Python is built without exported names`;
  return `gdb did not do it: ${complaint || 'it said nothing'}`;
}

/** A new folder as hanglab sees it and as the process does: a container has a file system of its own. */
async function placeSharedWith(pid: number): Promise<{ folder: string; inside: string } | null> {
  const isOurs = (['root', 'ns/mnt'] as const).every(
    (link) => readLink(`/proc/${pid}/${link}`) === readLink(`/proc/self/${link}`),
  );
  const parents = isOurs ? [await realpath(tmpdir())] : ['/tmp', '/var/tmp', '/dev/shm'];
  for (const parent of parents) {
    const prefix = isOurs ? '' : `/proc/${pid}/root`;
    try {
      const folder = await mkdtemp(join(`${prefix}${parent}`, 'hanglab-inject-'));
      return { folder, inside: folder.slice(prefix.length) };
    } catch {
      // The next one, if there is any.
    }
  }
  return null;
}

/** Root looks into a process of somebody else: that one has to write there. */
async function giveTo(folder: string, pid: number): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(`/proc/${pid}`);
  await chown(join(folder, 'ask.py'), uid, gid);
  await chown(folder, uid, gid);
}

/** What any client may do: its loop wakes to accept it, and sees it go. */
function knock(port: number): void {
  const socket = connect({ port, host: '127.0.0.1' }, () => socket.destroy());
  socket.on('error', () => undefined);
  socket.setTimeout(1000, () => socket.destroy());
}
