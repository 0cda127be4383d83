/** What of a request may be kept: no key, no cookie, nothing that names an account. */

/** Other headers are left out, whatever they are called. */
const KEPT_HEADERS = new Set([
  'accept',
  'anthropic-beta',
  'anthropic-version',
  'content-type',
  'openai-beta',
  'openai-version',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'user-agent',
  'x-request-id',
]);

/** Keys have long names or values of known shapes: providers' own, bearer tokens, JSON Web Tokens. */
const KEY_SHAPES =
  /\b(?:sk|pk|rk|gsk|xai|hf|jina|pa|ghp|gho|glpat|xox[abp])[-_][A-Za-z0-9_-]{12,}|\bAIza[\w-]{30,}|\bBearer\s+[\w.~+/-]{12,}=*|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g;
const QUERY_KEYS = /([?&](?:[^=&]*(?:key|token|secret|sig)[^=&]*)=)[^&]*/gi;

export const REDACTED = '[redacted]';

export function keptHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (value === undefined || !KEPT_HEADERS.has(name.toLowerCase())) return [];
      return [[name.toLowerCase(), redactText([value].flat().join(', '))]];
    }),
  );
}

export function redactText(text: string): string {
  return text.replace(KEY_SHAPES, REDACTED);
}

export function redactPath(path: string): string {
  return redactText(path.replace(QUERY_KEYS, `$1${REDACTED}`));
}
