/** `hanglab.soak/1`: everything that is known of a soak, from what was kept of its rounds. Pure. */
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { plural } from '../../platform/plural.ts';
import { growersOf, growerText } from '../evidence/growers.ts';
import { type Resource, resourceOf, type Smallest } from '../resources/catalogue.ts';
import type { SystemLimits } from '../resources/limits.ts';
import type { Parts } from '../resources/reading.ts';
import { measured, type RoundRecord, resourceNames, seriesOf } from '../rounds/record.ts';
import { doseRatio } from '../statistics/judge-series.ts';
import {
  afterLate,
  type JudgedSeries,
  judgeSoak,
  overall,
  type SoakVerdict,
} from '../statistics/judge-soak.ts';
import { incrementsOf, type Series } from '../statistics/series.ts';
import { sentenceOf, type Told, type Totals } from './sentences.ts';

export interface SoakFacts {
  target: string;
  runtime: string;
  /** Empty for the healthy mix. */
  scenarios: readonly string[];
  seed: number;
  smallest: Smallest;
  limits: SystemLimits;
  records: readonly RoundRecord[];
  /** After warmup, and after the last round. */
  parts: { first: Parts; last: Parts };
  /** What was found by comparing heap snapshots; by resource. */
  found?: Readonly<Record<string, readonly string[]>>;
  /** What ended the soak before its last round. */
  failure: SoakFailure | null;
  notes: readonly string[];
}

export interface SoakFailure {
  kind: 'target-stuck' | 'target-ended';
  message: string;
  diagnosis: Diagnosis | null;
}

export interface ResourceJson {
  name: string;
  verdict: JudgedSeries['verdict'];
  sentence: string;
  unit: Resource['unit'];
  /** Growth an operation. */
  perOperation: number;
  /** The smallest growth an operation that would have been seen; null for none at all. */
  bound: number | null;
  first: number;
  last: number;
  shape: JudgedSeries['shape'];
  doubt: JudgedSeries['doubt'];
  /** How likely such a rise is without a leak. */
  likelihood: number;
  /** What grew, most first. */
  evidence: readonly string[];
  /** After each of `rounds`; null where it was not read. */
  values: readonly (number | null)[];
}

export interface SoakJson {
  schema: 'hanglab.soak/1';
  verdict: 'flat' | 'leak' | 'undecided' | 'failed';
  target: string;
  runtime: string;
  scenarios: readonly string[];
  seed: number;
  totals: Totals & { tookMs: number; failed: number; unknown: number };
  resources: readonly ResourceJson[];
  rounds: readonly RoundJson[];
  failure: SoakFailure | null;
  notes: readonly string[];
}

export interface RoundJson {
  kind: RoundRecord['kind'];
  segment: number;
  atMs: number;
  operations: number;
  p50Ms: number | null;
  p99Ms: number | null;
}

export function soakJson(facts: SoakFacts): SoakJson {
  const { records, failure, target, runtime, scenarios, seed } = facts;
  const totals = totalsOf(records);
  const resources = resourcesOf(facts, totals);
  const found = overall(resources.map(({ verdict }) => verdict));
  return {
    schema: 'hanglab.soak/1',
    verdict: failure && found !== 'leak' ? 'failed' : found,
    ...{ target, runtime, scenarios, seed, totals, resources },
    rounds: records.map(({ kind, segment, atMs, work }) => ({
      ...{ kind, segment, atMs },
      operations: work?.operations ?? 0,
      p50Ms: work?.p50Ms ?? null,
      p99Ms: work?.p99Ms ?? null,
    })),
    failure,
    notes: [...facts.notes, ...notesOf(records)],
  };
}

/** Over all resources, by now: whether more work is needed. */
export function verdictOf(facts: Pick<SoakFacts, 'records' | 'smallest' | 'runtime'>): SoakVerdict {
  const judged = judgeSoak(new Map(seriesByName(facts).map((each) => [each.name, each] as const)));
  return overall([...judged.values()].map(({ verdict }) => verdict));
}

interface Named {
  name: string;
  resource: Resource;
  series: Series;
  scale: Resource['scale'];
}

function seriesByName(facts: Pick<SoakFacts, 'records' | 'smallest' | 'runtime'>): Named[] {
  const { records, smallest, runtime } = facts;
  const first = records.find(({ kind }) => kind === 'warmup')?.values ?? {};
  return resourceNames(records).flatMap((name) => {
    const resource = resourceOf(name, { smallest, runtime, first });
    const isCount = resource.unit === 'things';
    const series = seriesOf(records, name, isCount);
    if (series.segments.length === 0) return [];
    return [{ name, resource, series, scale: resource.scale }];
  });
}

function resourcesOf(facts: SoakFacts, totals: Totals): ResourceJson[] {
  const named = seriesByName(facts);
  const judged = judgeSoak(new Map(named.map((each) => [each.name, each] as const)));
  const all = named.map(({ name, resource, series }): ResourceJson => {
    const late = facts.records.findLast(({ kind }) => kind === 'late')?.values[name];
    const found = afterLate(judged.get(name) as JudgedSeries, series, late);
    const told = toldOf(facts, resource, series, found);
    return {
      name,
      verdict: found.verdict,
      sentence: sentenceOf(told, totals),
      unit: resource.unit,
      perOperation: found.slope,
      bound: Number.isFinite(found.bound) ? found.bound : null,
      ...{ first: told.first, last: told.last, shape: found.shape, doubt: found.doubt },
      likelihood: found.likelihood,
      evidence: found.verdict === 'flat' ? [] : evidenceOf(facts, name),
      values: facts.records.map(({ values }) => values[name] ?? null),
    };
  });
  return all.sort((a, b) => rank(a) - rank(b));
}

const rank = ({ verdict }: ResourceJson): number => ['leak', 'undecided', 'flat'].indexOf(verdict);

function evidenceOf({ parts, found = {} }: SoakFacts, name: string): string[] {
  return [...growersOf(name, parts.first, parts.last).map(growerText), ...(found[name] ?? [])];
}

function toldOf(
  { limits, records }: SoakFacts,
  resource: Resource,
  series: Series,
  judged: JudgedSeries,
): Told {
  const increments = incrementsOf(series);
  const largest = increments.reduce(
    (most, each, i) => (each.growth > (increments[most]?.growth ?? 0) ? i : most),
    0,
  );
  const last = records.at(-1)?.values ?? {};
  return {
    resource,
    judged,
    first: series.segments[0]?.start ?? 0,
    last: series.segments.at(-1)?.rounds.at(-1)?.value ?? 0,
    grown: increments.reduce((sum, each) => sum + each.growth, 0),
    step: { growth: increments[largest]?.growth ?? 0, round: largest + 1 },
    doseRatio: increments.some(({ isDouble }) => isDouble) ? doseRatio(series) : null,
    limit: limitOf(resource.name, limits, last),
  };
}

function limitOf(
  name: string,
  limits: SystemLimits,
  last: Readonly<Record<string, number>>,
): Told['limit'] {
  if (name === 'memory' || name === 'heap' || name === 'buffers') {
    return { value: limits.memoryBytes, now: last.memory ?? 0 };
  }
  if (!/^(fds|sockets): /.test(name) || limits.fds === null) return null;
  const open = Object.entries(last).filter(([each]) => each.startsWith('fds: '));
  return { value: limits.fds, now: open.reduce((sum, [, count]) => sum + count, 0) };
}

function totalsOf(records: readonly RoundRecord[]): SoakJson['totals'] {
  const rounds = measured(records);
  const sum = (of: (work: (typeof rounds)[number]['work']) => number): number =>
    rounds.reduce((total, { work }) => total + of(work), 0);
  const operations = sum((work) => work.operations);
  const workMs = sum((work) => work.tookMs);
  const isCounted = rounds.every(({ work }) => work.connections !== null);
  return {
    rounds: rounds.length,
    operations,
    connections: isCounted ? sum((work) => work.connections ?? 0) : null,
    operationsPerSecond: workMs > 0 ? (1000 * operations) / workMs : 0,
    tookMs: records.at(-1)?.atMs ?? 0,
    failed: sum((work) => work.failed),
    unknown: sum((work) => work.unknown),
  };
}

function notesOf(records: readonly RoundRecord[]): string[] {
  const rounds = measured(records);
  const restless = rounds.filter(({ rest }) => !rest.isStill).length;
  const failing = rounds.filter(({ work }) => work.failed + work.unknown > 0);
  const example = failing[0]?.work.firstFailure;
  const segments = (records.at(-1)?.segment ?? 0) + 1;
  return [
    ...(failing.length > 0
      ? [
          `requests failed in ${plural(failing.length, 'round')}${example ? ` (${example})` : ''}: the work of the rounds was not quite the same`,
        ]
      : []),
    ...(restless > 0
      ? [
          `after ${plural(restless, 'round')} the target did not come to rest: its counts went on moving`,
        ]
      : []),
    ...(segments > 1 ? [`the target was started ${segments} times: each has its own warmup`] : []),
  ];
}
