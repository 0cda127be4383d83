/**
 * A target in a container of its own, on the host's network: it listens on loopback, and reaches its upstreams
 * at the addresses of their links, as any other target does. Its processes are looked at from the host.
 */
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GenericContainer, StartedTestContainer } from 'testcontainers';
import { openEngine } from '../../platform/docker-engine.ts';
import { EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { freePort } from '../../platform/free-port.ts';
import { readStat } from '../../platform/procfs/process.ts';
import { fill } from '../config/template.ts';
import { processTree } from '../process-tree.ts';
import { openLog } from '../started/log.ts';
import { untilReady } from '../started/until-ready.ts';
import { temporaryFolderIn, valuesFor } from '../started/values.ts';
import type { RunningTarget, TargetContext } from '../target.ts';
import { type ContainerEngine, engineOf } from './engine.ts';
import type { ContainerImage, ContainerSpec } from './spec.ts';

type Testcontainers = Awaited<ReturnType<typeof openEngine>>;

/** Between the creation of a container and the first line of its program; pulling is not counted. */
const CREATE_MS = 60_000;

/**
 * Starts it and resolves when it is ready.
 * @throws HanglabError `no-docker-engine`, `container-not-started`, `container-elsewhere`,
 * `target-died-at-start`, `target-not-ready`.
 */
export async function startContainer(
  spec: ContainerSpec,
  given: TargetContext,
): Promise<RunningTarget> {
  given.signal.throwIfAborted();
  const testcontainers = await openEngine();
  const context = { ...given, port: given.port === 0 ? await freePort() : given.port };
  const temporary = temporaryFolderIn(context);
  const started = await created(testcontainers, spec, context, temporary);
  const id = started.getId();
  context.watchContainer(id);
  const engine = await engineOf(testcontainers, id);
  const log = openLog(context.logFile);
  for (const stream of await engine.logs()) log.follow(stream);
  const exited = engine.exited();
  const remove = async (): Promise<void> => {
    await engine.remove();
    context.forgetContainer(id);
  };
  const kill = async (): Promise<void> => {
    await engine.kill('SIGKILL');
    await exited;
    await log.close();
    await remove();
  };
  const processes = processTree(await firstPid(engine, kill));
  const { host, port } = await untilReady(spec, context, { log, exited, kill, processes });
  return {
    host,
    port,
    processes,
    exited,
    lastLines: log.lastLines,
    folder: context.folder,
    logFile: context.logFile,
    temporaryFolder: temporary,
    // hanglab's agent is not in the image.
    agentFolder: null,
    control: {
      kill,
      stop() {
        void engine.kill(spec.stopSignal);
        return spec.stopSignal;
      },
    },
    async [Symbol.asyncDispose]() {
      if (spec.graceMs > 0) {
        await engine.kill(spec.stopSignal);
        await Promise.race([exited, sleep(spec.graceMs, undefined, { ref: false })]);
      }
      await kill();
    },
  };
}

async function created(
  testcontainers: Testcontainers,
  spec: ContainerSpec,
  context: TargetContext,
  temporary: string,
): Promise<StartedTestContainer> {
  const values = valuesFor(context);
  const filled = (texts: readonly string[]): string[] => texts.map((text) => fill(text, values));
  const asked = { ...spec.env, ...context.overrides?.env };
  const env = Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [name, fill(value, values)]),
  );
  const command = [...(spec.command ?? []), ...(context.overrides?.args ?? [])];
  const { fdLimit } = context;
  try {
    const container = (await imageOf(testcontainers, spec.image))
      .withNetworkMode('host')
      // The same path inside and outside: what `${tmp}` names is there for both.
      .withBindMounts([{ source: context.folder, target: context.folder, mode: 'rw' }])
      .withEnvironment({ PORT: String(context.port), TMPDIR: temporary, ...env })
      .withStartupTimeout(CREATE_MS)
      .withLabels({ 'hanglab.target': String(process.pid) });
    if (command.length > 0) container.withCommand(filled(command));
    if (fdLimit !== undefined) {
      container.withUlimits({ nofile: { hard: fdLimit, soft: fdLimit } });
    }
    return await container.start();
  } catch (error) {
    context.signal.throwIfAborted();
    throw new HanglabError(
      'container-not-started',
      `the container of the target was not started: ${messageOf(error)}`,
      { exitCode: EXIT.cannotRunHere, cause: error },
    );
  }
}

async function imageOf(
  { GenericContainer: Container }: Testcontainers,
  image: ContainerImage,
): Promise<GenericContainer> {
  if ('image' in image) return new Container(image.image);
  const name = `hanglab/${basename(image.build)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '-')}`;
  const built = Container.fromDockerfile(image.build, image.dockerfile);
  return built.build(`${name}:latest`, { deleteOnExit: false });
}

/** Its first process by the host's number, when this machine is the one that runs it. */
async function firstPid(engine: ContainerEngine, kill: () => Promise<void>): Promise<number> {
  const pid = await engine.pid();
  // One that has ended already has none: whoever waits for it to be ready sees that it exited.
  if (pid === 0 || readStat(pid) !== null) return pid;
  if ((await engine.pid()) === 0) return 0;
  await kill();
  throw new HanglabError(
    'container-elsewhere',
    `the container runs as process ${pid} of another machine, or of a virtual one: hanglab has to run where the Docker engine runs`,
    { exitCode: EXIT.cannotRunHere },
  );
}
