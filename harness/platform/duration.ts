/** Durations as people write them: `250ms`, `2s`, `1.5m`, `1h`, or a number of milliseconds. */
import { HanglabError } from './errors.ts';

export { formatMs } from './words/format-ms.ts';

export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h'}`;

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/**
 * Milliseconds of `duration`.
 * @throws HanglabError `bad-duration` when it is not one.
 */
export function toMs(duration: Duration | string): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(String(duration).trim());
  if (!match) {
    throw new HanglabError(
      'bad-duration',
      `"${duration}" is not a duration: write a number and a unit, like 250ms, 2s, 1.5m or 1h`,
    );
  }
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
