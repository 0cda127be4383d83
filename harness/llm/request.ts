/** Checking a request's body as OpenAI's API does: the first problem, with the parameter's name. */
import type { z } from 'zod';
import type { ApiError } from './answer.ts';

export type Checked<T> = { ok: true; value: T } | { ok: false; error: ApiError };

export function check<T>(schema: z.ZodType<T>, body: unknown): Checked<T> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const param = path.reduce<string>(
    (name, key) =>
      typeof key === 'number' ? `${name}[${key}]` : `${name}${name ? '.' : ''}${String(key)}`,
    '',
  );
  if (param !== '' && valueAt(body, path) === undefined) {
    const message = `Missing required parameter: '${param}'.`;
    return { ok: false, error: { message, param, code: 'missing_required_parameter' } };
  }
  const message = `Invalid value for '${param || 'body'}': ${issue?.message ?? 'not valid'}.`;
  return { ok: false, error: { message, param: param || null, code: 'invalid_value' } };
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    body,
  );
}
