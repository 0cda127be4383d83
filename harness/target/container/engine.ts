/** What hanglab asks of the Docker engine about one container, beyond what testcontainers offers. */
import { PassThrough, type Readable } from 'node:stream';
import type { openEngine } from '../../platform/docker-engine.ts';
import type { TargetExit } from '../target.ts';

export interface ContainerEngine {
  /** The host's number of its first process; 0 when it has ended. */
  pid(): Promise<number>;
  /** Nothing when it has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  remove(): Promise<void>;
  /** Resolves when its first process has ended. */
  exited(): Promise<TargetExit>;
  /** Standard output and standard error, from the begin on. */
  logs(): Promise<[Readable, Readable]>;
}

/** By the engine's convention a process that a signal ended has this much more than the signal's number. */
const SIGNAL_CODES = 128;
const SIGNALS: Readonly<Record<number, NodeJS.Signals>> = {
  6: 'SIGABRT',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
};

export async function engineOf(
  { getContainerRuntimeClient }: Awaited<ReturnType<typeof openEngine>>,
  id: string,
): Promise<ContainerEngine> {
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(id);
  return {
    pid: async () => (await container.inspect()).State.Pid,
    async kill(signal) {
      await container.kill({ signal }).catch(unlessGone);
    },
    async remove() {
      await container.remove({ force: true, v: true }).catch(unlessGone);
    },
    async exited() {
      const { StatusCode: status } = (await container.wait()) as { StatusCode: number };
      const signal = SIGNALS[status - SIGNAL_CODES] ?? null;
      return { code: signal === null ? status : null, signal };
    },
    async logs() {
      const stream = await container.logs({ follow: true, stdout: true, stderr: true });
      const [out, err] = [new PassThrough(), new PassThrough()];
      container.modem.demuxStream(stream, out, err);
      stream.on('end', () => {
        out.end();
        err.end();
      });
      return [out, err];
    },
  };
}

/** 404: there is no such container any more; 409: it does not run. */
function unlessGone(error: { statusCode?: number }): void {
  if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
}
