/** What a target holds at one instant of rest. */

export interface Reading {
  /** By the name of the resource, like `threads`, `fds: file`, `sockets: llm CLOSE_WAIT`. */
  values: Readonly<Record<string, number>>;
  /** What some of them are made of: by path, peer, name, place. */
  parts: Parts;
}

/** By the name of the resource, how many of each. */
export type Parts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export const EMPTY: Reading = { values: {}, parts: {} };

/** All together; the same resource of several is added up. */
export function joined(readings: readonly Reading[]): Reading {
  return {
    values: added(readings.map(({ values }) => values)),
    parts: Object.fromEntries(
      [...new Set(readings.flatMap(({ parts }) => Object.keys(parts)))].map((name) => [
        name,
        added(readings.map(({ parts }) => parts[name] ?? {})),
      ]),
    ),
  };
}

export function added(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const each of counts) {
    for (const [key, count] of Object.entries(each)) sums.set(key, (sums.get(key) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}

/** How often each of them occurs. */
export function tally(keys: Iterable<string>): Record<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return Object.fromEntries(counts);
}
