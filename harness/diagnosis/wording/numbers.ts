/** Counts, shares and durations in sentences. */

/** `1 request`, `3 requests`, `2 processes`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** `13.2 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
