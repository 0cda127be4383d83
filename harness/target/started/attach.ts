/** A target that runs already: it may be asked and watched, and nothing is done to its process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HanglabError } from '../../platform/errors.ts';
import { readStat } from '../../platform/procfs/process.ts';
import { processListeningOn } from '../../platform/procfs/sockets.ts';
import { processTree } from '../process-tree.ts';
import type { RunningTarget, TargetContext, TargetExit } from '../target.ts';
import { candidatePorts, httpPort } from './ready.ts';

export type AttachSpec = { readonly port: number } | { readonly pid: number };

const POLL_MS = 200;

/** @throws HanglabError `nobody-listens`, `no-such-process`. */
export async function attachTo(spec: AttachSpec, context: TargetContext): Promise<RunningTarget> {
  const pid = 'pid' in spec ? spec.pid : processListeningOn(spec.port);
  if (pid === null) {
    const { port } = spec as { port: number };
    throw new HanglabError('nobody-listens', `no process of this machine listens on port ${port}`);
  }
  if (readStat(pid) === null) {
    throw new HanglabError('no-such-process', `there is no process ${pid} on this machine`);
  }
  const processes = processTree(pid);
  const port = 'port' in spec ? spec.port : await httpPort(candidatePorts(processes, 0));
  if (port === null) {
    throw new HanglabError(
      'nobody-listens',
      `process ${pid} listens on no port that answers HTTP: attach to the port instead`,
    );
  }
  const over = new AbortController();
  return {
    host: '127.0.0.1',
    port,
    processes,
    exited: hasGone(processes.pids, AbortSignal.any([over.signal, context.signal])),
    lastLines: () => [],
    folder: null,
    logFile: null,
    temporaryFolder: null,
    agentFolder: null,
    control: null,
    async [Symbol.asyncDispose]() {
      over.abort();
    },
  };
}

/** Resolves when the process is no more; never when `signal` aborts first. */
function hasGone(pids: () => number[], signal: AbortSignal): Promise<TargetExit> {
  const gone = Promise.withResolvers<TargetExit>();
  void (async () => {
    while (pids().length > 0) await sleep(POLL_MS, undefined, { signal, ref: false });
    gone.resolve({ code: null, signal: null });
  })().catch(() => {});
  return gone.promise;
}
