/** Counts with their nouns: `1 request`, `3 requests`, `2 copies`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}
