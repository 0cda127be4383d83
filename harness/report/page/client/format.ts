/** Figures for people. */
import { formatMs } from '../../../platform/words/format-ms.ts';
import type { Chart } from '../timeline-data.ts';

/** An instant of the run, as axes show it: `4.25 s`, `1:02:03`. @param stepMs how fine. */
export function instant(ms: number, stepMs = 1): string {
  if (ms >= 3_600_000) return clock(ms);
  if (ms >= 600_000 && stepMs >= 1000) return clock(ms);
  const digits = stepMs >= 1000 ? 0 : stepMs >= 100 ? 1 : stepMs >= 10 ? 2 : 3;
  return `${(ms / 1000).toFixed(digits)} s`;
}

function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let scaled = Math.abs(value);
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const digits = unit === 0 || scaled >= 100 ? 0 : 1;
  return `${value < 0 ? '-' : ''}${Number(scaled.toFixed(digits))} ${units[unit]}`;
}

export function inUnit(value: number, unit: Chart['unit']): string {
  switch (unit) {
    case 'ms':
      return formatMs(value);
    case 'bytes':
      return bytes(value);
    case 'percent':
      return `${Math.round(value)} %`;
    case 'count':
      return count(value);
  }
}

export function count(value: number): string {
  return Number(value.toFixed(1)).toLocaleString('en');
}

/** A change, with its sign. */
export function signed(value: number, unit: 'count' | 'bytes'): string {
  const text = unit === 'bytes' ? bytes(Math.abs(value)) : count(Math.abs(value));
  return value < 0 ? `−${text}` : `+${text}`;
}

/** At most `most` characters, cut at the end. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
