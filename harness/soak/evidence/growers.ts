/** What grew between two readings: by path, peer, thread name, coroutine, place. Pure. */
import { redact } from '../../platform/redact.ts';
import type { Parts } from '../resources/reading.ts';

export interface Grower {
  what: string;
  before: number;
  now: number;
}

const MOST = 5;

/** The parts of one resource that grew, those that grew most first. */
export function growersOf(resource: string, first: Parts, last: Parts): Grower[] {
  const [group = resource, detail] = resource.split(': ');
  const name = resource in last || resource in first ? resource : group;
  const [before = {}, now = {}] = [first[name], last[name]];
  return Object.entries(now)
    .filter(([what]) => detail === undefined || name === resource || belongsTo(what, detail))
    .map(([what, count]) => ({ what: redact(what), before: before[what] ?? 0, now: count }))
    .filter((each) => each.now > each.before)
    .sort((a, b) => b.now - b.before - (a.now - a.before) || a.what.localeCompare(b.what))
    .slice(0, MOST);
}

/** Of sockets, whose parts are told together: those in the state of `front CLOSE_WAIT`. */
function belongsTo(what: string, detail: string): boolean {
  const state = detail.split(' ').at(-1) ?? '';
  return what.startsWith(`${state} `);
}

export function growerText({ what, before, now }: Grower): string {
  return `${what}: ${before} → ${now}`;
}

/** The most of each kind are kept: a server with a million files would fill the report. */
const MOST_KEPT = 2_000;

export function bounded(parts: Parts): Parts {
  return Object.fromEntries(
    Object.entries(parts).map(([name, counts]) => {
      const entries = Object.entries(counts);
      if (entries.length <= MOST_KEPT) return [name, counts];
      return [name, Object.fromEntries(entries.sort(([, a], [, b]) => b - a).slice(0, MOST_KEPT))];
    }),
  );
}
