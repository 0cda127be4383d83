/**
 * A series of any length in bounded memory: time is cut into buckets, and each bucket keeps its lowest and
 * its highest value. When the buckets run out, neighbours are merged and become twice as wide. So no peak
 * is lost, whatever the length of the run.
 */
import type { Series } from '../page/timeline-data.ts';

/** Two points a bucket; a chart is about 1,200 pixels wide. */
const MAX_BUCKETS = 800;
/** Faster than any probe but health, which is sampled every 50 ms. */
const FIRST_WIDTH_MS = 50;

interface Bucket {
  minT: number;
  min: number;
  maxT: number;
  max: number;
}

export class Downsampled {
  private buckets: (Bucket | undefined)[] = [];
  private widthMs = FIRST_WIDTH_MS;
  private readonly maxBuckets: number;

  constructor(maxBuckets = MAX_BUCKETS) {
    this.maxBuckets = maxBuckets;
  }

  push(t: number, value: number): void {
    if (!Number.isFinite(value) || !(t >= 0)) return;
    while (t >= this.widthMs * this.maxBuckets) this.halve();
    const index = Math.floor(t / this.widthMs);
    const bucket = this.buckets[index];
    if (!bucket) {
      this.buckets[index] = { minT: t, min: value, maxT: t, max: value };
      return;
    }
    if (value < bucket.min) Object.assign(bucket, { minT: t, min: value });
    if (value > bucket.max) Object.assign(bucket, { maxT: t, max: value });
  }

  get isEmpty(): boolean {
    return this.buckets.length === 0;
  }

  /** The highest value; 0 without any. */
  get max(): number {
    return this.buckets.reduce((most, bucket) => Math.max(most, bucket?.max ?? 0), 0);
  }

  /** Whether the series has one value throughout. */
  get isFlat(): boolean {
    const present = this.buckets.filter((bucket) => bucket !== undefined);
    const first = present[0]?.min;
    return present.every(({ min, max }) => min === first && max === first);
  }

  series(name: string, role: Series['role'] = 'normal'): Series {
    const points = this.buckets.flatMap((bucket) => (bucket ? pointsOf(bucket) : []));
    return {
      name,
      role,
      t: points.map(([t]) => Math.round(t)),
      value: points.map(([, value]) => Math.round(value * 100) / 100),
    };
  }

  private halve(): void {
    const merged: (Bucket | undefined)[] = [];
    for (let i = 0; i < this.buckets.length; i += 2) {
      merged.push(mergeBuckets(this.buckets[i], this.buckets[i + 1]));
    }
    this.buckets = merged;
    this.widthMs *= 2;
  }
}

function mergeBuckets(a: Bucket | undefined, b: Bucket | undefined): Bucket | undefined {
  if (!a || !b) return a ?? b;
  const [low, high] = [a.min <= b.min ? a : b, a.max >= b.max ? a : b];
  return { minT: low.minT, min: low.min, maxT: high.maxT, max: high.max };
}

/** In the order of time; one point where both are the same. */
function pointsOf({ minT, min, maxT, max }: Bucket): [number, number][] {
  if (minT === maxT) return [[minT, min]];
  return minT < maxT
    ? [
        [minT, min],
        [maxT, max],
      ]
    : [
        [maxT, max],
        [minT, min],
      ];
}
