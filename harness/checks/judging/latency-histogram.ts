/**
 * Counts of latencies in buckets of 1 %: quantiles of any number of them in bounded memory. A quantile is the
 * largest latency of its bucket, so it is at most 1 % too high, a hundredth of what the limits separate.
 */
const GROWTH = Math.log(1.01);
/** Below this all latencies are alike. */
const LEAST_MS = 0.1;

interface Bucket {
  readonly count: number;
  readonly mostMs: number;
}

export class LatencyHistogram {
  private readonly buckets: Map<number, Bucket>;
  size: number;

  constructor(buckets: Iterable<readonly [number, Bucket]> = [], size = 0) {
    this.buckets = new Map(buckets);
    this.size = size;
  }

  copy(): LatencyHistogram {
    return new LatencyHistogram(this.buckets, this.size);
  }

  add(ms: number): void {
    const key = Math.max(0, Math.round(Math.log(Math.max(ms, LEAST_MS) / LEAST_MS) / GROWTH));
    const { count, mostMs } = this.buckets.get(key) ?? { count: 0, mostMs: 0 };
    this.buckets.set(key, { count: count + 1, mostMs: Math.max(mostMs, ms) });
    this.size++;
  }

  /** The nearest-rank quantile in milliseconds, 0 when nothing was added. */
  quantile(q: number): number {
    let rank = Math.max(1, Math.ceil(q * this.size));
    for (const [, { count, mostMs }] of [...this.buckets].sort(([a], [b]) => a - b)) {
      rank -= count;
      if (rank <= 0) return mostMs;
    }
    return 0;
  }
}
