/**
 * What a target does when nothing is wrong: measured before any scenario, on the same machine. Limits that
 * were not given come from it, and so does which upstreams each operation uses.
 */
import type { Limits } from '../history/events.ts';
import { formatMs } from '../platform/duration.ts';
import type { Need } from '../target/needs.ts';
import type { Operation } from '../target/operations/operation.ts';
import type { Target } from '../target/target.ts';
import { MODEL_ROLES, type ModelRole, upstreamsFor } from '../target/upstreams.ts';
import { type GivenUp, PATIENCE_MS } from './give-up.ts';

/** One operation, sent a few times alone. */
export interface CalibratedOperation {
  name: string;
  /** How long each good answer took. */
  goodMs: readonly number[];
  /** The last answer; null when there was none within the limit. */
  last: { status: number | null; detail: string | null } | null;
  /** Upstreams that were called while it was answered. */
  uses: readonly string[];
  /** How long its work took until it was done; null where it has none that can be followed. */
  doneMs: number | null;
}

export interface Calibration {
  /** What became of requests while the upstreams were silent; empty when that was not asked. */
  gaveUp: readonly GivenUp[];
  operations: readonly CalibratedOperation[];
  /** The slowest of the good answers of the health endpoint; null without one. */
  healthMs: number | null;
  /** What it took from its start until it accepted requests. */
  startMs: number;
  /** Upstreams that were called at all, background work included. */
  called: ReadonlySet<string>;
}

/** An answer that takes so many times its usual time is late. */
const REQUEST_TIMES = 10;
const LEAST_REQUEST_MS = 2_000;
/** A limit below so many times a good answer would call a healthy server slow. */
const LEAST_TIMES = 3;
/** One deadline for a place in the pool of connections, one for the answer; half of the limit is granted besides. */
const GIVE_UP_TIMES = 1.4;
const HEALTH_TIMES = 5;
const LEAST_HEALTH_MS = 250;

/** What follows from a calibration: the limits that hold, and which of them were derived. */
export interface CalibratedTarget {
  target: Target;
  /** A sentence for each limit that was not given. */
  derived: readonly string[];
  /** What is wrong with the declaration, a sentence each: nothing can be judged by it. */
  problems: readonly string[];
}

/** @param declared the limits that the config tells; the others are derived. */
export function applyCalibration(
  target: Target,
  declared: Partial<Limits>,
  calibration: Calibration,
): CalibratedTarget {
  const derived: string[] = [];
  const limits = { ...target.limits };
  const slowest = slowestGood(calibration);
  if (declared.requestMs === undefined && slowest !== null) {
    const { requestMs, because } = derivedRequestLimit(slowest, calibration.gaveUp);
    limits.requestMs = requestMs;
    derived.push(`request limit ${formatMs(requestMs)}: not given, so ${because}`);
    derived.push(...calibration.gaveUp.flatMap(endlessText));
  }
  if (declared.healthMs === undefined && calibration.healthMs !== null) {
    limits.healthMs = roundUp(Math.max(LEAST_HEALTH_MS, HEALTH_TIMES * calibration.healthMs));
    derived.push(
      `health limit ${formatMs(limits.healthMs)}: not given, so ${HEALTH_TIMES} times the slowest of its answers, at least ${formatMs(LEAST_HEALTH_MS)}`,
    );
  }
  const withheld = uncalledRoles(target, calibration);
  const upstreams = Object.keys(target.upstreams);
  const neverCalled = new Set(upstreams.filter((name) => !calibration.called.has(name)));
  const offers = new Set([...target.offers].filter((need) => !withheld.has(need)));
  return {
    target: { ...target, limits, offers, withheld, neverCalled },
    derived,
    problems: [...limitProblems(declared, calibration), ...declarationProblems(calibration)],
  };
}

/** By the slowest good answer; by the server's own deadline where that is later. */
function derivedRequestLimit(
  slowest: { name: string; ms: number },
  gaveUp: readonly GivenUp[],
): { requestMs: number; because: string } {
  const byAnswerMs = Math.max(LEAST_REQUEST_MS, REQUEST_TIMES * slowest.ms);
  const [last] = gaveUp
    .flatMap(({ operation, tookMs }) => (tookMs === null ? [] : { operation, tookMs }))
    .toSorted((a, b) => b.tookMs - a.tookMs);
  if (last && GIVE_UP_TIMES * last.tookMs > byAnswerMs) {
    return {
      requestMs: roundUp(GIVE_UP_TIMES * last.tookMs),
      because: `${GIVE_UP_TIMES} times what ${last.operation} takes to give up on upstreams that are silent (${formatMs(last.tookMs)})`,
    };
  }
  return {
    requestMs: roundUp(byAnswerMs),
    because: `${REQUEST_TIMES} times the slowest good answer (${slowest.name}, ${formatMs(slowest.ms)}), at least ${formatMs(LEAST_REQUEST_MS)}`,
  };
}

function endlessText({ operation, tookMs }: GivenUp): string[] {
  if (tookMs !== null) return [];
  return [
    `${operation} had no answer ${formatMs(PATIENCE_MS)} after its upstreams fell silent; if the server has a longer deadline, tell it: --request-limit, or \`limits.request\``,
  ];
}

/** Up to two digits: a limit is said, and remembered. */
function roundUp(ms: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(ms)) - 1);
  return Math.ceil(ms / step) * step;
}

function slowestGood({ operations }: Calibration): { name: string; ms: number } | null {
  const all = operations.flatMap(({ name, goodMs }) => goodMs.map((ms) => ({ name, ms })));
  return all.reduce<(typeof all)[number] | null>((a, b) => (a && a.ms >= b.ms ? a : b), null);
}

/** By its fastest answer: a slower one may have been the machine's fault. */
function limitProblems({ requestMs }: Partial<Limits>, { operations }: Calibration): string[] {
  return operations.flatMap(({ name, goodMs }) => {
    const fastestMs = goodMs.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY);
    if (requestMs === undefined || goodMs.length === 0 || requestMs >= LEAST_TIMES * fastestMs) {
      return [];
    }
    return `limits.request is ${formatMs(requestMs)}, but ${name} took at least ${formatMs(fastestMs)} with nothing wrong: expected ${LEAST_TIMES} times as much`;
  });
}

/** Answered, and never as declared: that is the declaration's fault, or the server was not ready for it. */
function declarationProblems({ operations }: Calibration): string[] {
  return operations.flatMap(({ name, goodMs, last }) =>
    goodMs.length > 0 || last === null
      ? []
      : [
          `operations.${name} was answered, but not as declared: ${last.detail ?? `status ${last.status}`}`,
        ],
  );
}

/** Roles whose upstream nothing called: a fault there would prove nothing. */
function uncalledRoles({ upstreams }: Target, { called }: Calibration): Map<Need, string> {
  const withheld = new Map<Need, string>();
  for (const role of MODEL_ROLES) {
    const names = upstreamsFor(upstreams, role);
    if (names.length > 0 && names.every((name) => !called.has(`${name} ${role}`))) {
      withheld.set(role, neverCalledText(names, role));
    }
  }
  return withheld;
}

function neverCalledText(names: readonly string[], role: ModelRole): string {
  return `the server never called ${names.join(' or ')} for ${role}`;
}

/** Operations that were never answered: a hang before any fault. */
export function unanswered({ operations }: Pick<Calibration, 'operations'>): readonly string[] {
  return operations.flatMap(({ name, goodMs, last }) =>
    goodMs.length === 0 && last === null ? name : [],
  );
}

/** The order in which operations are tried: what a delete deletes must have been written. */
export function inOrder(operations: Readonly<Record<string, Operation>>): Operation[] {
  const rank = { read: 0, stream: 1, write: 2, delete: 3, connect: 4 };
  return Object.values(operations).toSorted((a, b) => rank[a.kind] - rank[b.kind]);
}
