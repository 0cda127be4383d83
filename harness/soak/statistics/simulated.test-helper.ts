/**
 * Series as real servers make them, without a leak and with one: what the verdicts are tried on. A model gives
 * what the resource holds after so many operations; each draw of it is another series.
 */
import { type Random, random } from '../../platform/random.ts';
import { holm } from './holm.ts';
import { judgeSeries, type Scale } from './judge-series.ts';
import { LEVEL, type SoakVerdict } from './judge-soak.ts';
import { DOUBLE_ROUNDS, doubleSize, LEAST_ROUNDS, singleSize } from './round-sizes.ts';
import { incrementsOf, type Series, type SeriesRound } from './series.ts';
import { trendOf } from './trend.ts';

/** @param operations since the process began; @param reading counts all readings, also those at rest. */
export type Model = (operations: number, reading: number) => number;
export type Kind = (draw: Random) => Model;

export const ROUND_OPERATIONS = 2000;
const ROUND = ROUND_OPERATIONS;
const MB = 1e6;

const between = (draw: Random, low: number, high: number): number =>
  low + (high - low) * draw.next();

/** Standard normal, by Box and Muller. */
const normal = (draw: Random): number =>
  Math.sqrt(-2 * Math.log(1 - draw.next())) * Math.cos(2 * Math.PI * draw.next());

/** Rises once after each of a few points, which are drawn. */
function stepsAt(draw: Random, most: number, size: () => number): Model {
  const at = Array.from({ length: draw.integer(1, most) }, () => ({
    operations: between(draw, 0, 18 * ROUND),
    size: size(),
  }));
  return (operations) =>
    at.reduce((sum, step) => (operations >= step.operations ? sum + step.size : sum), 0);
}

function filling(draw: Random, top: number): Model {
  const within = between(draw, 0.3, 8) * ROUND;
  return (operations) => top * (1 - Math.exp(-operations / within));
}

function sawtooth(draw: Random, top: number): Model {
  const period = between(draw, 0.3, 7) * ROUND;
  const shift = draw.next();
  return (operations) => top * ((operations / period + shift) % 1);
}

function wandering(draw: Random, step: number): Model {
  let at = 0;
  let value = 0;
  return (operations) => {
    // Only work moves it.
    value += step * normal(draw) * Math.sqrt((operations - at) / ROUND);
    at = operations;
    return value;
  };
}

function highWater(noise: () => number): Model {
  let most = 0;
  return () => {
    most = Math.max(most, noise());
    return most;
  };
}

const whole =
  (base: number, model: Model): Model =>
  (operations, reading) =>
    base + Math.round(model(operations, reading));

/** Counts that leak nothing. */
export const FLAT_COUNTS: Readonly<Record<string, Kind>> = {
  still: (draw) => whole(draw.integer(3, 60), () => 0),
  ties: (draw) => whole(20, () => (draw.next() < 0.15 ? draw.integer(-1, 1) : 0)),
  steps: (draw) =>
    whole(
      20,
      stepsAt(draw, 3, () => draw.integer(1, 30)),
    ),
  sawtooth: (draw) => whole(20, sawtooth(draw, draw.integer(2, 60))),
  'log growth': (draw) => {
    const size = between(draw, 1, 60);
    return whole(20, (operations) => size * Math.log(1 + operations / ROUND));
  },
  'warmup curve': (draw) => whole(20, filling(draw, draw.integer(2, 200))),
  'pool that fills': (draw) => {
    const [within, top] = [between(draw, 1, 12) * ROUND, draw.integer(2, 60)];
    return whole(20, (operations) => top * Math.min(1, operations / within));
  },
  'closed by GC': (draw) => {
    const open = draw.integer(1, 40);
    return whole(20, () => draw.integer(0, open));
  },
  'high-water mark': (draw) => {
    const open = draw.integer(2, 60);
    return whole(
      20,
      highWater(() => open * draw.next() ** 3),
    );
  },
  wandering: (draw) => whole(200, wandering(draw, between(draw, 0.5, 6))),
};

/** Weights that leak nothing, in bytes. */
export const FLAT_WEIGHTS: Readonly<Record<string, Kind>> = {
  still: (draw) => () => 60 * MB + 200 * normal(draw),
  ties: (draw) => () => 60 * MB + 4096 * draw.integer(0, 2),
  steps: (draw) => {
    const steps = stepsAt(draw, 5, () => draw.pick([0.26, 1.05, 2.1, 8.4]) * MB);
    return (operations, reading) => 60 * MB + steps(operations, reading) + 20e3 * normal(draw);
  },
  sawtooth: (draw) => {
    const teeth = sawtooth(draw, between(draw, 0.5, 20) * MB);
    return (operations, reading) => 60 * MB + teeth(operations, reading) + 50e3 * normal(draw);
  },
  'log growth': (draw) => {
    const [size, noise] = [between(draw, 0.1, 6) * MB, between(draw, 0, 100e3)];
    return (operations) => 60 * MB + size * Math.log(1 + operations / ROUND) + noise * normal(draw);
  },
  'warmup curve': (draw) => {
    const [curve, noise] = [filling(draw, between(draw, 1, 60) * MB), between(draw, 0, 300e3)];
    return (operations, reading) => 60 * MB + curve(operations, reading) + noise * normal(draw);
  },
  GC: (draw) => {
    const garbage = between(draw, 0.2, 12) * MB;
    return () => 60 * MB + garbage * draw.next();
  },
  noise: (draw) => {
    const noise = between(draw, 0.01, 2) * MB;
    return () => 60 * MB + noise * normal(draw);
  },
  'wild noise': (draw) => {
    const noise = between(draw, 0.01, 0.5) * MB;
    return () => 60 * MB + noise * Math.tan(Math.PI * (draw.next() - 0.5));
  },
  'high-water mark': (draw) => {
    const noise = between(draw, 0.1, 4) * MB;
    const mark = highWater(() => -noise * Math.log(1 - draw.next()));
    return (operations, reading) => 60 * MB + mark(operations, reading) + 10e3 * normal(draw);
  },
  wandering: (draw) => {
    const walk = wandering(draw, between(draw, 0.05, 1) * MB);
    return (operations, reading) => 60 * MB + walk(operations, reading);
  },
  'filled and given back': (draw) => {
    const [curve, at] = [filling(draw, between(draw, 2, 20) * MB), between(draw, 3, 14) * ROUND];
    const back = between(draw, 0.5, 8) * MB;
    return (operations, reading) =>
      60 * MB + curve(operations, reading) - (operations > at ? back : 0) + 30e3 * normal(draw);
  },
};

/** Adds to `kind` what a leak of so much an operation leaves. */
export const leaking =
  (kind: Kind, perOperation: number, by: 'each' | 'chance' = 'each'): Kind =>
  (draw) => {
    const model = kind(draw);
    let at = 0;
    let left = 0;
    return (operations, reading) => {
      if (by === 'each') left = Math.floor(operations * perOperation);
      else for (; at < operations; at++) if (draw.next() < perOperation) left++;
      return model(operations, reading) + left;
    };
  };

/** A leak of bytes as the pages of the process show it: the allocator's reserve first, then arena by arena. */
export const leakingIntoArenas =
  (kind: Kind, perOperation: number): Kind =>
  (draw) => {
    const model = kind(draw);
    const arena = draw.pick([4096, 135_168, 262_144, 1_048_576]);
    const reserve = between(draw, 0, 1.5) * MB;
    return (operations, reading) =>
      model(operations, reading) +
      arena * Math.ceil(Math.max(0, operations * perOperation - reserve) / arena);
  };

/** Growth without end that slows down: no leak by the work, and not flat either. */
export const SLOWING: Readonly<Record<string, Kind>> = {
  'square root': (draw) => {
    const [size, noise] = [between(draw, 0.1, 3) * MB, between(draw, 0, 200e3)];
    return (operations) => 60 * MB + size * Math.sqrt(operations / ROUND) + noise * normal(draw);
  },
};

export const COUNT: Scale = {
  kind: 'count',
  floor: 0,
  granule: 0,
  smallest: { perOperation: 0.001 },
};
export const HEAP: Scale = {
  kind: 'weight',
  ...{ floor: 64_000, granule: 16_000, smallest: { perOperation: 100 } },
};
export const PAGES: Scale = {
  kind: 'weight',
  ...{ floor: 256_000, granule: 2_000_000, smallest: { perOperation: 100 } },
};

/** So many resources are judged in a soak, which Holm's rule takes into account. */
const RESOURCES = 12;
const WARMUP_ROUNDS = 2;
const IDLE_READINGS = 4;

/** One whole soak of a model, with its rounds of twice the work where the first ones do not settle it. */
export function soakOf(kind: Kind, seed: number, scale: Scale): SoakVerdict {
  const { series, round } = begun(kind, seed);
  const verdict = (): SoakVerdict => {
    const found = judgeSeries(series, scale);
    const others = Array.from({ length: RESOURCES - 1 }, () => 1);
    const [stands = false] = holm([found.likelihood, ...others], LEVEL);
    return found.grows && stands ? 'leak' : found.isFlat ? 'flat' : 'undecided';
  };
  for (let i = 0; i < LEAST_ROUNDS; i++) round(singleSize(i), false);
  if (verdict() === 'flat') return 'flat';
  for (let i = 0; i < DOUBLE_ROUNDS; i++) round(doubleSize(i), true);
  return verdict();
}

/** After warmup and the readings at rest; each `round` adds one. */
function begun(kind: Kind, seed: number) {
  const model = kind(random(seed));
  let operations = WARMUP_ROUNDS * ROUND;
  let readings = 0;
  const read = (): number => model(operations, readings++);
  const idle = Array.from({ length: IDLE_READINGS }, read);
  const rounds: SeriesRound[] = [];
  return {
    series: { idle, segments: [{ start: idle.at(-1) as number, rounds }] } satisfies Series,
    round(size: number, isDouble: boolean): void {
      const work = Math.round(size * ROUND);
      operations += work;
      rounds.push({ operations: work, value: read(), isDouble });
    },
  };
}

const seedOf = (soak: number): number => soak * 7919;

/** The verdicts of so many soaks of the same kind. */
export function verdictsOf(kind: Kind, scale: Scale, soaks: number): Record<SoakVerdict, number> {
  const counts = { flat: 0, leak: 0, undecided: 0 };
  for (let soak = 1; soak <= soaks; soak++) counts[soakOf(kind, seedOf(soak), scale)]++;
  return counts;
}

/** How many of so many soaks simpler rules would call a leak, after eight rounds of equal work. */
export function simpleRulesOf(
  kind: Kind,
  soaks: number,
): { lastFour: number; mannKendall: number } {
  let [lastFour, mannKendall] = [0, 0];
  for (let soak = 1; soak <= soaks; soak++) {
    const { series, round } = begun(kind, seedOf(soak));
    for (let i = 0; i < LEAST_ROUNDS; i++) round(1, false);
    if (
      incrementsOf(series)
        .slice(-4)
        .every(({ growth }) => growth >= 1)
    )
      lastFour++;
    if (trendOf(series.segments, 0.01).low > 0) mannKendall++;
  }
  return { lastFour, mannKendall };
}
