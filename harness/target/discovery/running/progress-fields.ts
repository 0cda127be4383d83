/** Fields of an answer that plainly count work: so many open, so many done. */
import type { HttpProgressConfig } from '../../config/config.ts';

const OPEN =
  /^(open|pending|queued|in_?progress|processing|in_?flight|waiting|backlog|queue_?(size|length|depth)|active)$/i;
const DONE =
  /^(done|completed?|finished|processed|succeeded|indexed|total_?(done|completed|processed))$/i;
const FAILED = /^(failed|errors?|given_?up|dead|rejected)$/i;
/** Members that may contain such counts, besides the top level. */
const WRAPPERS = ['queue', 'stats', 'jobs', 'tasks', 'rows', 'counts', 'work'];

/** @returns null unless exactly one count of each is there: of two, it is not known which to add. */
export function progressIn(path: string, text: string): HttpProgressConfig | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return null;
  const members = json as Record<string, unknown>;
  const places = ['', ...WRAPPERS.filter((name) => typeof members[name] === 'object')];
  for (const place of places) {
    const found = countsIn((place === '' ? members : members[place]) as object, place);
    if (found) return { get: path, ...found };
  }
  return null;
}

function countsIn(value: object | null, place: string): Omit<HttpProgressConfig, 'get'> | null {
  const names = Object.entries(value ?? {})
    .filter(([, count]) => Number.isInteger(count) && (count as number) >= 0)
    .map(([name]) => name)
    .filter((name) => /^[A-Za-z_]\w*$/.test(name));
  const [open, done, failed] = [OPEN, DONE, FAILED].map((pattern) =>
    names.filter((name) => pattern.test(name)),
  ) as [string[], string[], string[]];
  if (open.length !== 1 || done.length !== 1 || failed.length > 1) return null;
  const path = (name: string | undefined): string => `$${place === '' ? '' : `.${place}`}.${name}`;
  const givenUp = failed.length === 1 ? { givenUp: path(failed[0]) } : {};
  return { open: path(open[0]), done: path(done[0]), ...givenUp };
}
