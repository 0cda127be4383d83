/**
 * Asks a Python process that hanglab did not start for its asyncio tasks (`diagnose --inject`): gdb leaves a
 * request in it, and the process carries it out itself.
 *
 * The request is a "pending call" of Python's own: the main thread runs it between two bytecodes, where a
 * signal's handler would run. gdb is there for an instant only, long gone when Python code runs, and never
 * waits for the GIL. (Taking the GIL from gdb, by `PyGILState_Ensure`, has no bound while another thread
 * keeps it, cannot be given up half-way without ending the process, and on a thread that has the GIL runs
 * Python code in the midst of an instruction.) What the main thread does not come to within our time is
 * not done later either. What stays is one page of the process's memory.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monotonicMs } from '../../../platform/clock.ts';
import { readListeners } from '../../../platform/procfs/listeners.ts';
import { sharesNamespace } from '../../../platform/procfs/status.ts';
import type { ToolAnswer } from '../../../platform/run-tool.ts';
import { type SharedFolder, sharedFolder } from '../../../platform/shared-folder.ts';
import type { TaskLook } from '../../facts/runtime-facts.ts';
import { wakeByConnecting } from '../../outside/accept-probe.ts';
import { GDB_QUIETLY, traceProcess } from '../../outside/trace-process.ts';
import { answered, MAX_ANSWER_BYTES } from './agent.ts';

const ANSWER_MS = 5000;
/** As often a bare connection is made, so that a loop that sleeps comes back to Python. */
const WAKE_EVERY_LOOKS = 8;
/** gdb's own limit and the answer's together. */
const REQUEST_MS = 15_000;
const PAGE_BYTES = 4096;

export interface Injected {
  look: TaskLook | null;
  /** Why there is none, and what helps. */
  because: string;
  /** How long gdb held the process, at most. */
  frozenMs: number;
}

/**
 * What the process runs and writes lies in a folder that it sees; what gdb, which may be root, is told to do lies in
 * one that is hanglab's alone.
 */
export async function askByInjection(pid: number, signal?: AbortSignal): Promise<Injected> {
  await using shared = await sharedFolder(pid, 'hanglab-inject-');
  if (!shared) {
    return refused('there is no folder for temporary files that this process and hanglab both see');
  }
  const answer = JSON.stringify(`${shared.answersInside}/answer.json`);
  await shared.write('ask.py', `${await agentText()}load(texts)["tasks"].write(${answer})\n`);
  const request = requestFor(`${shared.inside}/ask.py`, pid);
  if (Buffer.byteLength(request) > PAGE_BYTES)
    return refused('its temporary folder’s path is too long');
  const { frozenMs, ...gdb } = await leaveRequest(pid, request, signal);
  if (!/^hanglab: asked$/m.test(gdb.output)) return { ...refused(whyNot(gdb, pid)), frozenMs };
  return { ...(await answerOf(pid, shared, signal)), frozenMs };
}

/** In the order in which they import one another. */
const AGENT_MODULES =
  'objects bytecode frames sockets requests pools locks waits threads tasks'.split(' ');

/** The agent's modules as one text, which defines `load` and `texts`. A string of JSON is one of Python's. */
async function agentText(): Promise<string> {
  const folder = new URL('agent/', import.meta.url);
  const read = (name: string) => readFile(new URL(name, folder), 'utf8');
  const texts = await Promise.all(
    AGENT_MODULES.map(async (name) => [name, await read(`hanglab_agent/${name}.py`)]),
  );
  return `${await read('load.py')}\n\ntexts = ${JSON.stringify(texts)}\n`;
}

/**
 * In names of its own: the program's `__main__` gets none. It must not fail: that would be the program's error.
 * A main thread may come to it when hanglab and the folder have long gone, and somebody else may have made one of
 * that name: so it is for a while only, and what it runs must be hanglab's own file.
 */
function requestFor(file: string, pid: number): string {
  const untilSeconds = (monotonicMs() + REQUEST_MS) / 1000;
  const owner = sharesNamespace(pid, 'user') ? process.geteuid?.() : undefined;
  const isOwn = owner === undefined ? 'True' : `os.fstat(f.fileno()).st_uid == ${owner}`;
  const steps = [
    'import os, time',
    'with open(path) as f:',
    `    text = f.read() if time.monotonic() < ${untilSeconds} and ${isOwn} else ""`,
    "exec(compile(text, path, 'exec'), {'__name__': 'hanglab'})",
  ];
  const code = JSON.stringify(steps.join('\n'));
  return [
    `try: exec(${code}, {'path': ${JSON.stringify(file)}})`,
    'except BaseException: pass',
    '\0',
  ].join('\n');
}

async function leaveRequest(pid: number, request: string, signal?: AbortSignal) {
  const own = await mkdtemp(join(tmpdir(), 'hanglab-gdb-'));
  try {
    await writeFile(join(own, 'request'), request);
    await writeFile(join(own, 'commands'), gdbCommands(join(own, 'request')));
    // Without debug information and without other libraries' symbols: the process is paused meanwhile.
    const quick = ['-readnever', '-iex', 'set auto-solib-add off'];
    const args = [...GDB_QUIETLY, ...quick, '-p', String(pid), '-x', join(own, 'commands')];
    const options = { callsFunctions: true, ...(signal && { signal }) };
    return await traceProcess(pid, 'gdb', args, options);
  } finally {
    await rm(own, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function answerOf(
  pid: number,
  shared: SharedFolder,
  signal?: AbortSignal,
): Promise<Pick<Injected, 'look' | 'because'>> {
  // In another network namespace the same port is somebody else's.
  const listener = sharesNamespace(pid, 'net') ? readListeners(pid)[0] : undefined;
  let looks = 0;
  const look = await answered(
    () => shared.answer('answer.json', MAX_ANSWER_BYTES),
    ANSWER_MS,
    signal,
    () => {
      if (listener && looks++ % WAKE_EVERY_LOOKS === 0) wakeByConnecting(listener);
    },
  );
  const unwoken = listener
    ? ''
    : ' (nothing could wake it: it listens on no port that is reached from here)';
  const because = `its main thread did not come back to Python code within ${ANSWER_MS / 1000} s${unwoken}`;
  return { look, because: look ? '' : because };
}

function refused(because: string): Injected {
  return { look: null, because, frozenMs: 0 };
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
