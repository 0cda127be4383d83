/** Whether an address stays on this machine. */
import { isIP } from 'node:net';

/**
 * Of a URL's `hostname`, or an address: `localhost`, 127.0.0.0/8, `::1`, and IPv4 in IPv6. Names below
 * `localhost` are resolved by whoever resolves names, so they do not count.
 */
export function isLoopback(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (address === 'localhost') return true;
  const family = isIP(address);
  if (family === 4) return address.startsWith('127.');
  if (family !== 6) return false;
  // URL writes every address in its shortest form; ::ffff:127.0.0.1 becomes ::ffff:7f00:1.
  const shortest = new URL(`http://[${address}]`).hostname;
  return shortest === '[::1]' || /^\[::ffff:7f[0-9a-f]{2}:/.test(shortest);
}
