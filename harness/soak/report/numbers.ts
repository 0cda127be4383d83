/** Numbers for people: counts, bytes, rates, and durations of days. */
import { formatMs } from '../../platform/duration.ts';
import type { Unit } from '../resources/catalogue.ts';

const THOUSANDS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `1,024` */
export function whole(value: number): string {
  return THOUSANDS.format(value);
}

/** `31 B`, `1.2 kB`, `84 MB` */
export function bytes(value: number): string {
  const size = Math.abs(value);
  const [divisor, unit] =
    size < 1e3 ? [1, 'B'] : size < 1e6 ? [1e3, 'kB'] : size < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${short(value / divisor)} ${unit}`;
}

/** Two digits at least, and no more than the value is worth. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return 'any number';
  const size = Math.abs(value);
  if (size >= 100) return whole(value);
  return String(Number(value.toPrecision(size >= 10 ? 3 : 2)));
}

/** A value of a resource. */
export function amount(value: number, unit: Unit): string {
  if (unit === 'bytes') return bytes(value);
  if (unit === 'ms') return formatMs(value);
  if (unit === 'ms/s') return `${short(value)} ms/s`;
  return whole(value);
}

/** With its sign, as growth. */
export function growth(value: number, unit: Unit): string {
  return value < 0 ? `−${amount(-value, unit)}` : `+${amount(value, unit)}`;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `40 s`, `25 min`, `14 h`, `9 days`, and no more than that. */
export function about(ms: number): string {
  if (ms < 120_000) return formatMs(1000 * Math.round(ms / 1000));
  if (ms < 2 * HOUR_MS) return `${Math.round(ms / 60_000)} min`;
  if (ms < 3 * DAY_MS) return `${Math.round(ms / HOUR_MS)} h`;
  if (ms < 1000 * DAY_MS) return `${Math.round(ms / DAY_MS)} days`;
  return 'years';
}
