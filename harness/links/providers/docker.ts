/** A real Toxiproxy in a container. */
import { openEngine } from '../../platform/docker-engine.ts';
import { EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { freePort } from '../../platform/free-port.ts';
import { TOXIPROXY_VERSION } from '../binary-path.ts';
import type { ProvidedServer, ProviderOptions } from '../provider.ts';
import { waitUntilUp } from '../wait-until-up.ts';

/** Names another image, like one made from local files. */
export const IMAGE_VARIABLE = 'HANGLAB_TOXIPROXY_IMAGE';
const IMAGE = `ghcr.io/shopify/toxiproxy:${TOXIPROXY_VERSION}`;

/** Pulling the image is not counted. */
const START_TIMEOUT_MS = 30_000;
/** Where there is no host network, this many links can be had: their ports must be known before. */
const MAPPED_PORTS = Array.from({ length: 16 }, (_, index) => 20_000 + index);
const API_PORT = 8474;

/**
 * On Linux with the host's network: a container on a bridge cannot reach a target that listens on
 * loopback only. Elsewhere with mapped ports, where the target is `host.docker.internal`.
 */
export async function startDocker({ onTrouble }: ProviderOptions): Promise<ProvidedServer> {
  const { GenericContainer, Wait } = await openEngine();
  const image = process.env[IMAGE_VARIABLE] || IMAGE;
  const onHost = process.platform === 'linux';
  const port = onHost ? await freePort() : API_PORT;
  const host = onHost ? '127.0.0.1' : '0.0.0.0';
  const container = new GenericContainer(image)
    .withCommand(['-host', host, '-port', String(port)])
    .withStartupTimeout(START_TIMEOUT_MS)
    .withWaitStrategy(Wait.forLogMessage(/Starting Toxiproxy HTTP server/));
  const started = await (onHost
    ? container.withNetworkMode('host')
    : container.withExposedPorts(API_PORT, ...MAPPED_PORTS)
  )
    .start()
    .catch((error: unknown): never => {
      throw new HanglabError(
        'toxiproxy-not-started',
        `the image ${image} did not start: ${messageOf(error)}`,
        { exitCode: EXIT.cannotRunHere, cause: error },
      );
    });
  const apiPort = onHost ? port : started.getMappedPort(API_PORT);
  const never = new Promise<never>(() => {});
  if (!(await waitUntilUp(apiPort, START_TIMEOUT_MS, never))) {
    onTrouble(`the Toxiproxy in container ${started.getId()} does not listen`);
  }
  const free = [...MAPPED_PORTS];
  return {
    url: `http://127.0.0.1:${apiPort}`,
    containerId: started.getId(),
    ...(onHost
      ? {}
      : {
          listen: () => {
            const next = free.shift();
            if (next !== undefined) return `0.0.0.0:${next}`;
            throw new HanglabError(
              'too-many-links',
              `at most ${MAPPED_PORTS.length} links in Docker`,
            );
          },
          reach: (listen: string) =>
            `127.0.0.1:${started.getMappedPort(Number(listen.slice(listen.lastIndexOf(':') + 1)))}`,
        }),
    async [Symbol.asyncDispose]() {
      await started.stop({ timeout: 1 });
    },
  };
}
