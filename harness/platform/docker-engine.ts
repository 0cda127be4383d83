/** The Docker engine of this machine. */
import { EXIT, HanglabError, messageOf } from './errors.ts';

/**
 * testcontainers, once an engine answers it.
 * @throws HanglabError `no-docker-engine`
 */
export async function openEngine(): Promise<typeof import('testcontainers')> {
  // Its own cleaner would be one more image to pull; hanglab's reaper ends the container instead.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  // Inside a container it would ask the engine's bridge network for an address of this machine.
  if (process.platform === 'linux') process.env.TESTCONTAINERS_HOST_OVERRIDE ??= '127.0.0.1';
  const testcontainers = await import('testcontainers');
  await testcontainers.getContainerRuntimeClient().catch((error: unknown): never => {
    throw new HanglabError(
      'no-docker-engine',
      `no Docker engine answers: ${messageOf(error)}. Start one, or use the embedded Toxiproxy`,
      { exitCode: EXIT.cannotRunHere, cause: error },
    );
  });
  return testcontainers;
}
