/** What is said of one resource: a sentence for a person. Pure. */
import { plural } from '../../platform/plural.ts';
import type { Resource } from '../resources/catalogue.ts';
import type { JudgedSeries } from '../statistics/judge-soak.ts';
import { about, amount, bytes, growth, short, whole } from './numbers.ts';

/** What happened in all rounds together. */
export interface Totals {
  operations: number;
  /** null where nobody counted them. */
  connections: number | null;
  rounds: number;
  /** While there was work. */
  operationsPerSecond: number;
}

export interface Told {
  resource: Resource;
  judged: JudgedSeries;
  first: number;
  last: number;
  /** In all rounds together: more than their difference says where the process was started again. */
  grown: number;
  /** Of the largest step: how much, and in which round, from 1. */
  step: { growth: number; round: number };
  /** Growth a round with twice the work, as a share of the rate before it; null without such rounds. */
  doseRatio: number | null;
  /** Where it ends: at most so many. */
  limit: { value: number; now: number } | null;
}

export function sentenceOf(told: Told, totals: Totals): string {
  if (told.judged.verdict === 'leak') return leakSentence(told, totals);
  return told.judged.verdict === 'flat' ? flatSentence(told) : undecidedSentence(told, totals);
}

/** Growth for each request, or each connection where that is a whole number and the other is not. */
export function rateOf(
  { resource, judged, grown }: Pick<Told, 'resource' | 'judged' | 'grown'>,
  { operations, connections }: Totals,
): { value: number; each: 'request' | 'connection' } {
  // Things have no noise, and all of them count; of a weight the slope is the better estimate.
  const isCount = resource.unit === 'things';
  const slope = isCount ? grown / Math.max(1, operations) : judged.slope;
  const perConnection = connections ? (slope * operations) / connections : 0;
  const isWhole = (value: number): boolean =>
    value > 0.9 && Math.abs(value - Math.round(value)) < 0.03 * value;
  return !isWhole(slope) && isWhole(perConnection)
    ? { value: perConnection, each: 'connection' }
    : { value: slope, each: 'request' };
}

function leakSentence(told: Told, totals: Totals): string {
  const { resource, judged, limit } = told;
  const { unit } = resource;
  const { value, each } = rateOf(told, totals);
  const count = each === 'request' ? totals.operations : (totals.connections ?? 0);
  const rate =
    unit === 'bytes'
      ? `+${bytes(value)} a ${each}`
      : `+${fixed(value)} a ${each}${oneIn(value, each)}`;
  const grown = `${plural(count, each)}: ${growth(told.grown, unit)}`.replace(
    String(count),
    whole(count),
  );
  return `${rate} (${grown})${reached(judged.slope, limit, unit, totals)}`;
}

/** `+1.00`, `+0.1`, `+0.0010` */
function fixed(value: number): string {
  return value >= 0.995 ? value.toFixed(2) : String(Number(value.toPrecision(2)));
}

function oneIn(value: number, each: string): string {
  return value < 0.5 ? `, 1 in ${whole(1 / value)} ${each}s` : '';
}

function reached(
  slope: number,
  limit: Told['limit'],
  unit: Resource['unit'],
  { operationsPerSecond }: Totals,
): string {
  if (limit === null || operationsPerSecond <= 0) return '';
  const left = Math.max(0, limit.value - limit.now) / slope;
  const when = about((1000 * left) / operationsPerSecond);
  return `; the limit of ${amount(limit.value, unit)} is reached in ${when} at this load`;
}

function flatSentence({ resource, judged, first, last, grown, step }: Told): string {
  const { unit } = resource;
  const seen = wouldHaveBeenSeen(resource, judged.bound);
  if (judged.shape === 'step' && grown > 0) {
    return `one step of ${growth(step.growth, unit)} in round ${step.round}, and flat since; ${seen}`;
  }
  const isVisible = amount(first, unit) !== amount(last, unit);
  if (isVisible && grown > 0 && (judged.shape === 'plateau' || judged.shape === 'slowing')) {
    return `grew to ${amount(last, unit)} and stayed; ${seen}`;
  }
  const [before, after] = [amount(first, unit), amount(last, unit)];
  return `${before === after ? `stays at ${after}` : `${before} → ${after}`}; ${seen}`;
}

/** The smallest leak that these rounds would have shown. */
export function wouldHaveBeenSeen({ unit, scale }: Resource, bound: number): string {
  if ('inAll' in scale.smallest) return `growth to the double would have been seen`;
  return `a leak of ${leakOf(bound, unit)} would have been seen`;
}

function leakOf(bound: number, unit: Resource['unit']): string {
  if (unit === 'bytes') return `${bytes(bound)} a request`;
  return bound >= 1 ? `${short(bound)} a request` : `1 in ${whole(1 / bound)} requests`;
}

function undecidedSentence(told: Told, totals: Totals): string {
  const { resource, judged, step, doseRatio } = told;
  const { unit } = resource;
  const grown = `${growth(told.grown, unit)} in ${plural(totals.rounds, 'round')}`;
  switch (judged.doubt) {
    case 'not-confirmed':
      return `${grown}, steadily; the rounds with twice the work that would confirm a leak were not run`;
    case 'not-proportional':
      return `${grown}, but not in proportion to the work: ${ratioText(doseRatio)}`;
    case 'one-round':
      return `${grown}, of which ${growth(step.growth, unit)} in round ${step.round}: a step, or a leak in large pieces; more rounds would tell`;
    case 'comes-back':
      return `${grown}, and much of it came back when nothing was asked for a while: kept for some time on purpose? Wait that long after each round (--idle)`;
    case 'one-half':
      return `${grown}, but not in each part of the soak; more rounds would tell`;
    default:
      return tooLittle(told, totals);
  }
}

function ratioText(ratio: number | null): string {
  const share =
    ratio === null
      ? ''
      : `${Math.max(0, Math.round(100 * ratio))} % of its first rate with twice the work; `;
  return `${share}a cache or a pool that fills, or something that runs by itself; more rounds would tell`;
}

function tooLittle({ resource, judged }: Told, { operations }: Totals): string {
  const { scale, unit } = resource;
  if (judged.bound === Number.POSITIVE_INFINITY) {
    return 'its runtime takes memory beforehand, so that the pages of the process tell nothing';
  }
  if ('inAll' in scale.smallest) {
    return 'moves too much from round to round to tell; a quieter machine or more rounds would';
  }
  const times = Math.ceil(judged.bound / scale.smallest.perOperation);
  const wanted = leakOf(scale.smallest.perOperation, unit);
  return (
    `${whole(operations)} requests rule out a leak of ${leakOf(judged.bound, unit)} and no smaller one ` +
    `(wanted: ${wanted}); about ${times} times the work would`
  );
}
