/**
 * What repeated runs of one scenario on two versions say. Pure: the same runs always give the same answer.
 *
 * Runs come in pairs with the same seed. A pair counts when both of its verdicts are clear. Pairs that all
 * agree decide soon; pairs that disagree are repeated up to `MOST_PAIRS`, and decide then only when one
 * side never failed and the other failed too often for chance.
 */
import { isStructural, type SideRun } from './side-run.ts';

export interface Pair {
  a: SideRun;
  b: SideRun;
}

/** `both fail` says nothing yet of the place: see `places.ts`. */
export type Outcome = 'fixed' | 'broken' | 'same' | 'both fail' | 'undecided';

export type Decision =
  /** One more pair is wanted. */
  { state: 'open' } | { state: 'decided'; outcome: Outcome; because: string };

/** A hang, a death or a leak is nearly free of noise, and so is a pass on both sides. */
export const STRUCTURAL_PAIRS = 3;
/** An aggregate that passed its limit: a coin agrees five times in a row in 1 of 16 cases. */
export const OTHER_PAIRS = 5;
export const MOST_PAIRS = 10;
/**
 * Of `MOST_PAIRS` runs of each side: with none failed on the other side, so many failures come by chance in
 * less than 1 of 100 cases (one-sided Fisher test of 6 and 0 of 10: p = 0.0054).
 */
const LEAST_FAILURES = 6;

type PairKind = 'same' | 'both fail' | 'fixed' | 'broken';

/** @param most how many pairs are run at most. */
export function decide(pairs: readonly Pair[], most = MOST_PAIRS): Decision {
  const clear = pairs.filter(isClear);
  const kinds = clear.map(kindOf);
  const [first] = kinds;
  const isUnanimous = first !== undefined && kinds.every((kind) => kind === first);
  if (isUnanimous && clear.length >= wantedPairs(first, clear)) {
    return { state: 'decided', outcome: first, because: unanimousText(first, clear) };
  }
  if (pairs.length < most && !isHopeless(clear, most - pairs.length)) return { state: 'open' };
  return { state: 'decided', ...decideMixed(clear, pairs.length) };
}

/** A verdict that is inconclusive says nothing about the version. */
function isClear({ a, b }: Pair): boolean {
  return a.verdict !== 'inconclusive' && b.verdict !== 'inconclusive';
}

function kindOf({ a, b }: Pair): PairKind {
  if (a.verdict === b.verdict) return a.verdict === 'pass' ? 'same' : 'both fail';
  return a.verdict === 'fail' ? 'fixed' : 'broken';
}

function wantedPairs(kind: PairKind, clear: readonly Pair[]): number {
  if (kind === 'same' || kind === 'both fail') return STRUCTURAL_PAIRS;
  const failed = clear.map(({ a, b }) => (kind === 'fixed' ? a : b));
  return failed.every(isStructural) ? STRUCTURAL_PAIRS : OTHER_PAIRS;
}

/** Both sides have passed and failed, and not even with all that is left would both fail often enough. */
function isHopeless(clear: readonly Pair[], left: number): boolean {
  const { a, b } = failedCounts(clear);
  const isMixed = (failed: number): boolean => failed > 0 && failed < clear.length;
  return isMixed(a) && isMixed(b) && Math.min(a, b) + left < LEAST_FAILURES;
}

function failedCounts(clear: readonly Pair[]): { a: number; b: number } {
  const count = (side: 'a' | 'b'): number =>
    clear.filter((pair) => pair[side].verdict === 'fail').length;
  return { a: count('a'), b: count('b') };
}

function decideMixed(clear: readonly Pair[], tried: number): { outcome: Outcome; because: string } {
  const n = clear.length;
  const { a, b } = failedCounts(clear);
  const because = `a failed in ${a} and b in ${b} of ${n} runs`;
  // With fewer runs than the test was made for, no count is beyond chance.
  if (n >= MOST_PAIRS && a >= LEAST_FAILURES && b === 0) return { outcome: 'fixed', because };
  if (n >= MOST_PAIRS && b >= LEAST_FAILURES && a === 0) return { outcome: 'broken', because };
  if (n >= MOST_PAIRS && Math.min(a, b) >= LEAST_FAILURES) return { outcome: 'both fail', because };
  if (n === 0) {
    return {
      outcome: 'undecided',
      because: `none of ${tried} pairs of runs had two clear verdicts`,
    };
  }
  const unclear = tried - n;
  const rest = unclear === 0 ? '' : `; ${unclear} of ${tried} pairs had no clear verdict`;
  return { outcome: 'undecided', because: `${because}${rest}` };
}

function unanimousText(kind: PairKind, clear: readonly Pair[]): string {
  const n = clear.length;
  return {
    same: `both passed in ${n} of ${n} runs`,
    'both fail': `both failed in ${n} of ${n} runs`,
    fixed: `a failed and b passed in ${n} of ${n} runs`,
    broken: `a passed and b failed in ${n} of ${n} runs`,
  }[kind];
}
