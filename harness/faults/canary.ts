/** hanglab's own request over a link: what the link really does to whoever uses it. */
import { request } from 'node:http';
import { monotonicMs } from '../platform/clock.ts';
import type { Environment, LinkName } from '../run/environment.ts';

/** Milliseconds until an answer came back over a fresh connection; null when none came within `timeoutMs`. */
export function roundTripMs(
  environment: Environment,
  link: LinkName,
  timeoutMs: number,
): Promise<number | null> {
  const { host, port } = environment.links[link];
  const path = link === 'front' ? '/health' : '/v1/models';
  const startMs = monotonicMs();
  return new Promise((resolve) => {
    const options = { host, port, path, agent: false, timeout: timeoutMs };
    const outgoing = request(options, (response) => {
      response.resume();
      response.on('end', () => resolve(monotonicMs() - startMs));
      response.on('error', () => resolve(null));
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(null));
    outgoing.end();
  });
}
