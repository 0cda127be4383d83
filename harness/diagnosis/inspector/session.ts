/**
 * A conversation with a running Node process over its inspector, which a signal opens from outside. What we
 * opened we close again; what was open before stays open.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../platform/clock.ts';
import { HanglabError } from '../../platform/errors.ts';
import { identify } from '../../platform/procfs/identity.ts';
import { readListeners } from '../../platform/procfs/listeners.ts';
import { readStat, readThreads } from '../../platform/procfs/process.ts';
import { readStatus } from '../../platform/procfs/status.ts';
import { inspectorRefusal } from './eligibility.ts';
import { askForEndpoint, type Endpoint, INSPECTOR_THREAD, openEndpoint } from './endpoint.ts';
import { openWire, type Wire } from './wire.ts';

const CLOSING_MS = 2000;
/** One that did not say who it is will not say that it closes either: it does so when it turns again. */
const BLOCKED_MS = 400;
/** A loop that runs JavaScript answers between two statements; one inside native code says nothing at all. */
const WHO_MS = 500;
/** A stop of two seconds is no tracer that passes by. */
const STOPPED_EVERY_MS = 500;
const STOPPED_CHECKS = 4;
/** Longer than any look. If hanglab is killed, the process closes its inspector itself after this. */
const ABANDONED_MS = 180_000;
/** A session of hours puts that off again and again. */
const PUT_OFF_EVERY_MS = ABANDONED_MS / 4;

export interface Inspector extends AsyncDisposable, Pick<Wire, 'send' | 'on'> {
  readonly pid: number;
  readonly port: number;
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
  const identity = identify(pid);
  const refusal = inspectorRefusal(pid) ?? (identity ? null : `process ${pid} has ended`);
  if (refusal || !identity) throw new HanglabError('no-inspector', `No inspector: ${refusal}.`);
  const already = await openEndpoint(identity);
  const endpoint = already ?? (await askForEndpoint(identity, timeoutMs, signal));
  const inspector = await connect(pid, endpoint, already === null, signal);
  if (signal?.aborted) await inspector[Symbol.asyncDispose]();
  signal?.throwIfAborted();
  return inspector;
}

async function connect(
  pid: number,
  { port, url }: Endpoint,
  isOurs: boolean,
  signal?: AbortSignal,
): Promise<Inspector> {
  const wire = await openWire(url);
  const other = await processAt(wire);
  const expected = readStatus(pid)?.pids.at(-1);
  if (other !== null && expected !== undefined && other !== expected) {
    wire.hangUp();
    throw new HanglabError(
      'no-inspector',
      `No inspector: the one on port ${port} belongs to process ${other}, not to ${pid}. It was not touched.`,
    );
  }
  const putOff = isOurs ? closeWhenAbandoned(wire) : null;
  const abort = () => wire.fail('interrupted');
  signal?.addEventListener('abort', abort);
  const watch = watchForStop(pid, wire);
  return {
    pid,
    port,
    on: wire.on,
    async send(method, params, timeoutMs) {
      signal?.throwIfAborted();
      watch.throwIfStopped();
      return wire.send(method, params, timeoutMs);
    },
    async [Symbol.asyncDispose]() {
      signal?.removeEventListener('abort', abort);
      watch[Symbol.dispose]();
      putOff?.[Symbol.dispose]();
      // Whoever closes, it must be one side only: when the process closes its inspector while we hang
      // up, Node 24 can end with SIGSEGV, within a few cycles; hundreds in a row went well this way.
      const closing = await goOn(wire, isOurs, other === null ? BLOCKED_MS : CLOSING_MS);
      const isClosed = closing && (await Promise.race([wire.closed, sleep(CLOSING_MS, false)]));
      wire.hangUp();
      const deadline = monotonicMs() + CLOSING_MS;
      while (isClosed && isOpen(pid, port) && monotonicMs() < deadline) await sleep(10);
    },
  };
}

/** Somebody else may stop the process while it is looked at: it answers nothing then, for however long. */
function watchForStop(pid: number, wire: Wire): Disposable & { throwIfStopped(): void } {
  const why = `process ${pid} was stopped (SIGSTOP?) while it was looked at`;
  let stoppedFor = 0;
  const timer = setInterval(() => {
    stoppedFor = readStat(pid)?.state === 'T' ? stoppedFor + 1 : 0;
    if (stoppedFor === STOPPED_CHECKS) wire.fail(why);
  }, STOPPED_EVERY_MS).unref();
  return {
    throwIfStopped() {
      if (stoppedFor >= STOPPED_CHECKS) throw new HanglabError('inspector-silent', why);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Which process answers, as it counts itself; null when it does not say in time. */
async function processAt(wire: Wire): Promise<number | null> {
  try {
    const expression = 'globalThis.process?.pid';
    const { result } = await wire.send('Runtime.evaluate', { expression, silent: true }, WHO_MS);
    return typeof result.value === 'number' ? result.value : null;
  } catch {
    return null;
  }
}

/** The port is let go of first; the thread that served it ends a moment later. */
function isOpen(pid: number, port: number): boolean {
  return (
    readThreads(pid).some(({ name }) => name === INSPECTOR_THREAD) ||
    readListeners(pid).some(({ localPort }) => localPort === port)
  );
}

const INSPECTOR = "(globalThis.process?.getBuiltinModule?.('inspector') ?? require('inspector'))";
const ABANDONED = "Symbol.for('hanglab.abandoned')";

/**
 * Not waited for: a loop that is blocked sets its timer when it turns again.
 * @returns what puts the end off until it is disposed.
 */
function closeWhenAbandoned(wire: Wire): Disposable {
  const send = (expression: string): void => {
    const asked = { expression, includeCommandLineAPI: true, silent: true };
    wire.send('Runtime.evaluate', asked).catch(() => undefined);
  };
  send(`{
    const { close } = ${INSPECTOR};
    globalThis[${ABANDONED}] = setTimeout(() => { delete globalThis[${ABANDONED}]; close(); }, ${ABANDONED_MS});
    globalThis[${ABANDONED}].unref();
  }`);
  const timer = setInterval(
    () => send(`void globalThis[${ABANDONED}]?.refresh()`),
    PUT_OFF_EVERY_MS,
  ).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/**
 * Lets the process go on, and has it close its own inspector if that was closed before: on a timer, for the
 * answer must get out first. Both are sent at once: a process in the midst of something long does them when
 * it comes to them. By then we have hung up, so it lets that settle first.
 * @returns whether it will close it now.
 */
async function goOn(wire: Wire, isOurs: boolean, waitMs: number): Promise<boolean> {
  const expression = `{
    const { close } = ${INSPECTOR};
    clearTimeout(globalThis[${ABANDONED}]);
    delete globalThis[${ABANDONED}];
    const [seconds, nanoseconds] = process.hrtime();
    const isLate = seconds * 1000 + nanoseconds / 1e6 - ${monotonicMs()} > ${waitMs / 2};
    setTimeout(close, isLate ? ${2 * CLOSING_MS} : 1);
    isLate;
  }`;
  const resumed = wire.send('Debugger.disable', undefined, waitMs).catch(() => undefined);
  if (!isOurs) {
    await resumed;
    return false;
  }
  const asked = { expression, includeCommandLineAPI: true, silent: true };
  try {
    const { result, exceptionDetails } = await wire.send('Runtime.evaluate', asked, waitMs);
    return exceptionDetails === undefined && result.value === false;
  } catch {
    return false;
  }
}
