/** Checking a request's body: the first problem, in the words of whoever's API it is. */
import type { z } from 'zod';
import type { ApiError } from '../answers/answer.ts';

export type Checked<T> = { ok: true; value: T } | { ok: false; status?: number; error: ApiError };

export type Issue = z.core.$ZodIssue;

/** What a provider says of `issue`; `value` is what stood there. */
export type Wording = (issue: Issue, value: unknown) => ApiError;

export function check<T>(schema: z.ZodType<T>, body: unknown, wording: Wording): Checked<T> {
  const parsed = schema.safeParse(body, { reportInput: false });
  if (parsed.success) return { ok: true, value: parsed.data };
  const issue = deepest(parsed.error.issues[0] as Issue);
  return refused(wording(issue, valueAt(body, issue.path)));
}

export function refused(
  error: ApiError,
  status = 400,
): { ok: false; status: number; error: ApiError } {
  return { ok: false, status, error };
}

/** Of a value that fits none of several forms: the problem of the form that it came nearest to. */
function deepest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const candidates = issue.errors.flatMap(([first]) => (first ? [deepest(first)] : []));
  const isOtherForm = ({ code, path }: Issue): boolean =>
    code === 'invalid_type' && path.length === 0;
  const [nearest] = candidates
    .filter((candidate) => !isOtherForm(candidate))
    .toSorted((a, b) => b.path.length - a.path.length);
  return nearest === undefined ? issue : { ...nearest, path: [...issue.path, ...nearest.path] };
}

/** `messages[0].content` */
export function dottedPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, key) =>
      typeof key === 'number' ? `${name}[${key}]` : `${name}${name ? '.' : ''}${String(key)}`,
    '',
  );
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    body,
  );
}
