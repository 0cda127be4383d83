/** Connections of this machine, read from /proc. */
import { readFileSync } from 'node:fs';

const CLOSE_WAIT = '08';

/** The number of connections to `url` in CLOSE_WAIT: closed by the peer, not by us. */
export function closeWaitTo(url: string): number {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(`:${port}`) && state === CLOSE_WAIT).length;
}
