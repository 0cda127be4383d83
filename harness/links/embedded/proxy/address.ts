/** Addresses as Toxiproxy reads them (`host:port`), with the errors it answers. */
import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';

export interface Address {
  host: string;
  port: number;
}

/** What went wrong with an address; the message is what Toxiproxy answers, with status 500. */
export class AddressError extends Error {}

/** Splits `host:port`, `[v6]:port`, `:port`. `port` is text here. */
export function splitHostPort(address: string): { host: string; port: string } {
  const fail = (why: string): never => {
    throw new AddressError(`address ${address}: ${why}`);
  };
  const colon = address.lastIndexOf(':');
  if (colon === -1) return fail('missing port in address');
  let host = address.slice(0, colon);
  if (address.startsWith('[')) {
    const bracket = address.indexOf(']');
    if (bracket === -1) return fail("missing ']' in address");
    if (bracket + 1 === address.length) return fail('missing port in address');
    if (bracket + 1 !== colon) {
      return fail(
        address[bracket + 1] === ':' ? 'too many colons in address' : 'missing port in address',
      );
    }
    host = address.slice(1, bracket);
  } else if (host.includes(':')) {
    return fail('too many colons in address');
  }
  return { host, port: address.slice(colon + 1) };
}

/** An empty one is 0. */
export function parsePort(text: string): number {
  if (text === '') return 0;
  if (!/^[+-]?\d+$/.test(text)) throw new AddressError(`lookup tcp/${text}: unknown port`);
  const port = Number(text);
  if (port < 0 || port > 65_535) throw new AddressError(`address ${text}: invalid port`);
  return port;
}

/** `host:port`, with brackets round an IPv6 address. */
export function joinHostPort({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The address with a number for a host; an empty host stays empty: all interfaces. */
export async function resolve(address: string): Promise<Address> {
  const { host, port: portText } = splitHostPort(address);
  const port = parsePort(portText);
  if (host === '' || isIP(host)) return { host, port };
  try {
    const found = await lookup(host, { all: true });
    const chosen = found.find(({ family }) => family === 4) ?? found[0];
    if (chosen) return { host: chosen.address, port };
  } catch {
    // Told below, in Toxiproxy's words.
  }
  throw new AddressError(`lookup ${host}: no such host`);
}
