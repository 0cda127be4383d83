/** A copy of a fold's state, to carry it on separately: what is younger is judged on the copy. */

/** One level deep: containers are copied, what they contain is not. */
export function copyOf<State extends object>(state: State): State {
  const copied = Object.entries(state).map(([key, value]) => [key, copyOfValue(value)]);
  return Object.fromEntries(copied) as State;
}

function copyOfValue(value: unknown): unknown {
  if (value instanceof Map) return new Map(value);
  if (value instanceof Set) return new Set(value);
  if (Array.isArray(value)) return [...value];
  if (value !== null && typeof value === 'object' && 'copy' in value) {
    return (value as { copy(): unknown }).copy();
  }
  return value;
}
