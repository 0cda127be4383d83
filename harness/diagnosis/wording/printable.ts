/** Texts that can be shown anywhere: what a target is called must not command a terminal. */
import { withoutControls } from '../../platform/redact.ts';

/** Every text of a JSON value without control characters. */
export function printable<T>(value: T): T {
  const walk = (each: unknown): unknown => {
    if (typeof each === 'string') return withoutControls(each);
    if (Array.isArray(each)) return each.map(walk);
    if (each === null || typeof each !== 'object') return each;
    return Object.fromEntries(Object.entries(each).map(([key, at]) => [key, walk(at)]));
  };
  return walk(value) as T;
}
