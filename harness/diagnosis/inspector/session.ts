/**
 * A conversation with a running Node process over its inspector, which a signal opens from outside.
 *
 * SIGUSR1 ends a process that does not handle it, so it is sent only to a Node executable whose mask
 * of caught signals contains it. What we opened we close again; what was open before stays open.
 */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { HanglabError } from '../../platform/errors.ts';
import { readFds } from '../../platform/procfs/fds.ts';
import { readLink, readText } from '../../platform/procfs/files.ts';
import { readThreads } from '../../platform/procfs/process.ts';
import { readSockets } from '../../platform/procfs/sockets.ts';

/** SIGUSR1 is signal 10 on x86 and arm; the mask counts signals from bit 0. */
const SIGUSR1_BIT = 1n << 9n;
const DEFAULT_INSPECTOR_PORT = 9229;
const CLOSING_MS = 2000;
const INSPECTOR_THREAD = 'InspectorIo';

/** One command's answer, as the protocol gives it. */
// biome-ignore lint/suspicious/noExplicitAny: the protocol's JSON is described by Node, not by us.
export type Reply = any;

export interface Inspector extends AsyncDisposable {
  readonly port: number;
  /** @throws HanglabError `inspector-failed` when the command is refused, `inspector-silent` when it is late. */
  send(method: string, params?: object, timeoutMs?: number): Promise<Reply>;
  on(event: string, listener: (params: Reply) => void): void;
}

/** Why this process cannot be asked through the inspector, or `null` when it can. */
export function inspectorRefusal(pid: number): string | null {
  const executable = readLink(`/proc/${pid}/exe`);
  if (executable === null) return `process ${pid} has ended`;
  if (!/^node(js)?[\d.-]*$/.test(basename(executable.replace(/ \(deleted\)$/, '')))) {
    return `process ${pid} is ${executable}, not Node`;
  }
  const status = readText(`/proc/${pid}/status`) ?? '';
  const caught = BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  if ((caught & SIGUSR1_BIT) === 0n) {
    return `process ${pid} does not catch SIGUSR1, which would end it (started with --disable-sigusr1?)`;
  }
  return null;
}

/**
 * Opens the inspector of `pid` and connects to it; disposing leaves the process as it was found.
 * @param timeoutMs how long the process may take to answer the signal; a loop in native code does not.
 * @throws HanglabError `no-inspector` with the reason and what can be done.
 */
export async function openInspector(
  pid: number,
  { timeoutMs = 3000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<Inspector> {
  const refusal = inspectorRefusal(pid);
  if (refusal) throw new HanglabError('no-inspector', `No inspector: ${refusal}.`);
  const listeningBefore = listeners(pid);
  const already = await inspectorAmong(
    announcedPorts(pid).filter((port) => listeningBefore.has(port)),
  );
  if (already) return connect(pid, already, { closeWhenDone: false, ...(signal && { signal }) });

  process.kill(pid, 'SIGUSR1');
  const deadline = monotonicMs() + timeoutMs;
  while (monotonicMs() < deadline) {
    signal?.throwIfAborted();
    const opened = await inspectorAmong(
      [...listeners(pid)].filter((port) => !listeningBefore.has(port)),
    );
    if (opened) return connect(pid, opened, { closeWhenDone: true, ...(signal && { signal }) });
    await sleep(15);
  }
  throw new HanglabError('no-inspector', `No inspector: ${silenceOf(pid, timeoutMs)}`);
}

/**
 * Ports on which an inspector may be open already. The application's own ports are never asked: a
 * request nobody expects is no way to look at a server, least of all at one that hangs.
 */
function announcedPorts(pid: number): number[] {
  const named = startOptions(pid).matchAll(/--inspect(?:-brk|-wait)?=(?:[^\s\0]+:)?(\d+)/g);
  return [DEFAULT_INSPECTOR_PORT, ...[...named].map(([, port]) => Number(port))];
}

/** Command line and environment, whole: NODE_OPTIONS is among them. */
function startOptions(pid: number): string {
  return `${readText(`/proc/${pid}/cmdline`)} ${readText(`/proc/${pid}/environ`)}`;
}

function silenceOf(pid: number, timeoutMs: number): string {
  const wanted = Number(
    /--inspect-port[= \0]+(?:\S+:)?(\d+)/.exec(startOptions(pid))?.[1] ?? DEFAULT_INSPECTOR_PORT,
  );
  const table = readText(`/proc/${pid}/net/tcp`) ?? '';
  const hexPort = wanted.toString(16).toUpperCase().padStart(4, '0');
  if (wanted !== 0 && new RegExp(`:${hexPort} 00000000:0000 0A`).test(table)) {
    return `its port ${wanted} is taken by another process. Start the target with NODE_OPTIONS=--inspect-port=0.`;
  }
  if (readThreads(pid).some(({ name }) => name === INSPECTOR_THREAD)) {
    return `process ${pid} has opened it before, on a port that is not known; it may be from an earlier look, for a loop that is blocked cannot close it.`;
  }
  return (
    `process ${pid} did not open it within ${timeoutMs} ms of SIGUSR1: ` +
    'either its event loop is inside native code, or the application uses that signal for itself.'
  );
}

function listeners(pid: number): Set<number> {
  return new Set(
    readSockets(pid, readFds(pid).socketInodes)
      .filter(({ state }) => state === 'LISTEN')
      .map(({ localPort }) => localPort),
  );
}

interface Endpoint {
  port: number;
  url: string;
}

async function inspectorAmong(ports: Iterable<number>): Promise<Endpoint | null> {
  const answers = await Promise.all([...ports].map(inspectorAt));
  return answers.find((answer) => answer !== null) ?? null;
}

/** An application's own port may answer anything, or nothing: only an inspector's list counts. */
async function inspectorAt(port: number): Promise<Endpoint | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`, {
      signal: AbortSignal.timeout(1000),
    });
    const list = (await answer.json()) as { type?: string; webSocketDebuggerUrl?: string }[];
    const url = list.find(({ type }) => type === 'node')?.webSocketDebuggerUrl;
    return url ? { port, url } : null;
  } catch {
    return null;
  }
}

async function connect(
  pid: number,
  { port, url }: Endpoint,
  { closeWhenDone, signal }: { closeWhenDone: boolean; signal?: AbortSignal },
): Promise<Inspector> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, { settle(message: Reply): void }>();
  const listenersOf = new Map<string, ((params: Reply) => void)[]>();
  let lastId = 0;
  const closed = new Promise<true>((resolve) => {
    socket.addEventListener('close', () => {
      for (const { settle } of waiting.values())
        settle({ error: { message: 'connection closed' } });
      resolve(true);
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () =>
      reject(new HanglabError('no-inspector', `The inspector on port ${port} refused to talk.`)),
    );
  });
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Reply;
    if (message.id === undefined) {
      for (const listener of listenersOf.get(message.method) ?? []) listener(message.params);
      return;
    }
    waiting.get(message.id)?.settle(message);
    waiting.delete(message.id);
  });
  const ask: Inspector['send'] = (method, params = {}, timeoutMs = 10_000) =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(
          new HanglabError('inspector-silent', `${method} was not answered in ${timeoutMs} ms.`),
        );
      }, timeoutMs);
      waiting.set(id, {
        settle: ({ error, result }) => {
          clearTimeout(timer);
          if (error) reject(new HanglabError('inspector-failed', `${method}: ${error.message}`));
          else resolve(result);
        },
      });
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(JSON.stringify({ id, method, params }));
      } else {
        waiting.get(id)?.settle({ error: { message: 'connection closed' } });
      }
    });

  const abort = () => {
    for (const { settle } of waiting.values()) settle({ error: { message: 'interrupted' } });
  };
  signal?.addEventListener('abort', abort);

  return {
    port,
    async send(method, params, timeoutMs) {
      signal?.throwIfAborted();
      return ask(method, params, timeoutMs);
    },
    on(event, listener) {
      const list = listenersOf.get(event) ?? [];
      listenersOf.set(event, [...list, listener]);
    },
    async [Symbol.asyncDispose]() {
      signal?.removeEventListener('abort', abort);
      // Whoever closes, it must be one side only: when the process closes its inspector while we hang
      // up, Node 24 can end with SIGSEGV, within a few cycles; hundreds in a row went well this way.
      const closing = closeWhenDone && (await closeFromInside(ask));
      const isClosed = closing && (await Promise.race([closed, sleep(CLOSING_MS, false)]));
      socket.close();
      const deadline = monotonicMs() + CLOSING_MS;
      while (isClosed && isOpen(pid, port) && monotonicMs() < deadline) await sleep(10);
    },
  };
}

/** The port is let go of first; the thread that served it ends a moment later. */
function isOpen(pid: number, port: number): boolean {
  return readThreads(pid).some(({ name }) => name === INSPECTOR_THREAD) || listeners(pid).has(port);
}

/**
 * Has the process close its own inspector: on a timer, for the answer must get out first. A loop that
 * is blocked closes it when it turns again; by then we have hung up, so it lets that settle first.
 */
async function closeFromInside(send: Inspector['send']): Promise<boolean> {
  const expression = `{
    const { close } = globalThis.process?.getBuiltinModule?.('inspector') ?? require('inspector');
    const asked = performance.now();
    setTimeout(() => {
      if (performance.now() - asked < ${CLOSING_MS / 2}) close();
      else setTimeout(close, ${2 * CLOSING_MS});
    }, 1);
  }`;
  try {
    await send('Debugger.disable', {}, CLOSING_MS);
    const { exceptionDetails } = await send(
      'Runtime.evaluate',
      { expression, includeCommandLineAPI: true, silent: true },
      CLOSING_MS,
    );
    return exceptionDetails === undefined;
  } catch {
    return false;
  }
}
