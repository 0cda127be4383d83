/** A span as OTLP's JSON has it: ids in hexadecimal, nanoseconds as decimal text, values by their type. */
import { createHash } from 'node:crypto';

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttribute[];
  events: { timeUnixNano: string; name: string; attributes: OtlpAttribute[] }[];
  status: { code: number; message?: string };
}

export interface OtlpAttribute {
  key: string;
  value:
    | { stringValue: string }
    | { intValue: string }
    | { doubleValue: number }
    | { boolValue: boolean };
}

export const SPAN_KIND = { internal: 1, server: 2, client: 3 } as const;
export const STATUS = { unset: 0, ok: 1, error: 2 } as const;

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What is null or undefined is left out. */
export function attributes(facts: Facts): OtlpAttribute[] {
  return Object.entries(facts).flatMap(([key, value]): OtlpAttribute[] => {
    if (value === null || value === undefined) return [];
    if (typeof value === 'string') return [{ key, value: { stringValue: value } }];
    if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }];
    if (!Number.isFinite(value)) return [];
    return Number.isSafeInteger(value)
      ? [{ key, value: { intValue: String(value) } }]
      : [{ key, value: { doubleValue: value } }];
  });
}

/** `epochMs` and `t`, both in milliseconds, as nanoseconds since 1970. */
export function nanoseconds(epochMs: number, t: number): string {
  return String(BigInt(Math.round(epochMs)) * 1_000_000n + BigInt(Math.round(t * 1e6)));
}

/** The same for the same run: sending it twice makes no second trace. */
export function traceIdOf(run: string): string {
  return createHash('sha256').update(run).digest('hex').slice(0, 32);
}

export function spanIdOf(traceId: string, span: string): string {
  return createHash('sha256').update(`${traceId} ${span}`).digest('hex').slice(0, 16);
}
