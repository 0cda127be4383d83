/** How old a request may become before it counts as hung without a structure that proves it. */
import { seconds } from '../../wording/numbers.ts';
import type { Case } from '../rule.ts';

/** Longer than most calls of a model, shorter than the patience of a client (browsers and proxies give up at 30 to 120 s). */
export const DEFAULT_LIMIT_MS = 30_000;

export interface RequestLimit {
  ms: number;
  /** Who said so: the person who asks, the target of a run, or nobody. */
  from: 'option' | 'target' | 'default';
}

export function requestLimit({ asked, hints }: Pick<Case, 'asked' | 'hints'>): RequestLimit {
  if (asked.requestLimitMs !== null) return { ms: asked.requestLimitMs, from: 'option' };
  if (hints.requestLimitMs !== undefined) return { ms: hints.requestLimitMs, from: 'target' };
  return { ms: DEFAULT_LIMIT_MS, from: 'default' };
}

/** `30.0 s (the default)`. */
export function limitText({ ms, from }: RequestLimit): string {
  const by = { option: '', target: ' (the target’s own)', default: ' (the default)' }[from];
  return `${seconds(ms)}${by}`;
}
