/** Connections of this machine, as the kernel lists them. */
import { readFileSync } from 'node:fs';

const CLOSE_WAIT = '08';

/** How many connections to `url` stand in CLOSE_WAIT: closed by that side, not by this one. */
export function closeWaitTo(url: string): number {
  const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(`:${port}`) && state === CLOSE_WAIT).length;
}
