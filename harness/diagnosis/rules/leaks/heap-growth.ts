/** Memory at rest that grows from round to round of equal work. One round never says so. */
import type { Rule } from '../rule.ts';

/** Five in a row come in rising order by chance once in 120 times; the first, before the load, is no round. */
const ROUNDS = 5;
/** Beyond what may be left over, as of other resources; the least is what an allocator keeps back of a heap. */
const GROWN_SHARE = 0.1;
const GROWN_BYTES = 16e6;

export const heapGrowth: Rule = {
  codes: ['heap-leak'],
  judge({ health, hints }) {
    const { quiesced, restingRssBytes = [], requestsInFlight = [], progressFlatMs } = hints;
    const hasDrained = requestsInFlight.length === 0 && !progressFlatMs && health?.answered !== 0;
    const rounds = restingRssBytes.slice(1).slice(-ROUNDS);
    const [first = 0] = rounds;
    const last = rounds.at(-1) ?? 0;
    if (!quiesced || !hasDrained || rounds.length < ROUNDS) return null;
    const isRising = rounds.every((bytes, i) => i === 0 || bytes > rounds[i - 1]!);
    if (!isRising || last - first < Math.max(GROWN_BYTES, GROWN_SHARE * first)) return null;
    const each = rounds.map((bytes) => Math.round(bytes / 1e6)).join(', ');
    const sentence = `Memory at rest grows with each round of equal work: ${each} MB.`;
    return { verdict: { code: 'heap-leak', sentence } };
  },
};
