/** OpenAI's errors: their form, and what each kind of problem with a request is called. */
import { type ApiError, jsonAnswer } from '../../answers/answer.ts';
import { dottedPath, type Issue, type Wording } from '../check.ts';
import type { Provider } from '../endpoint.ts';

export const openai: Provider = {
  requestIdHeader: 'x-request-id',
  error: (status, error) => jsonAnswer(status, { error: errorBody(status, error) }),
  schemaError: (message) => ({
    message: `Invalid schema: ${message}.`,
    param: null,
    code: 'invalid_json_schema',
  }),
};

export function errorBody(status: number, error: ApiError): object {
  const { message, type = typeOf(status), param = null, code = codeOf(status) } = error;
  return { message, type, param, code };
}

function typeOf(status: number): string {
  if (status === 429) return 'requests';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

function codeOf(status: number): string | null {
  if (status === 401) return 'invalid_api_key';
  return status === 429 ? 'rate_limit_exceeded' : null;
}

export const openaiWording: Wording = (issue, value) => {
  const param = dottedPath(issue.path);
  const name = param || 'body';
  const error = (message: string, code: string): ApiError => ({
    message,
    param: param || null,
    code,
  });
  if (issue.code === 'custom') {
    return error(issue.message, String(issue.params?.code ?? 'invalid_value'));
  }
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const unknown = param === '' ? key : `${param}.${key}`;
    return { ...error(`Unknown parameter: '${unknown}'.`, 'unknown_parameter'), param: unknown };
  }
  if (param !== '' && value === undefined) {
    return error(`Missing required parameter: '${param}'.`, 'missing_required_parameter');
  }
  switch (issue.code) {
    case 'invalid_type':
      return error(
        `Invalid type for '${name}': expected ${article(issue.expected)}, but got ${kindOf(value)} instead.`,
        'invalid_type',
      );
    case 'invalid_value':
      return error(
        `Invalid value: '${String(value)}'. Supported values are: ${issue.values.map((v) => `'${String(v)}'`).join(', ')}.`,
        'invalid_value',
      );
    case 'too_small':
    case 'too_big':
      return outOfRange(issue, value, name, error);
    default:
      return error(`Invalid value for '${name}': ${issue.message}.`, 'invalid_value');
  }
};

/** The parameters that need not be whole. */
const DECIMALS = new Set(['temperature', 'top_p', 'presence_penalty', 'frequency_penalty']);

function outOfRange(
  issue: Extract<Issue, { code: 'too_small' | 'too_big' }>,
  value: unknown,
  name: string,
  error: (message: string, code: string) => ApiError,
): ApiError {
  const small = issue.code === 'too_small';
  const limit = String(small ? issue.minimum : issue.maximum);
  if (issue.origin === 'array' || issue.origin === 'string') {
    const what = issue.origin;
    const length = (value as { length: number }).length;
    if (length === 0) {
      return error(
        `Invalid '${name}': empty ${what}. Expected ${article(what)} with minimum length ${limit}, but got an empty ${what} instead.`,
        `empty_${what}`,
      );
    }
    return error(
      `Invalid '${name}': ${what} too ${small ? 'short' : 'long'}. Expected ${article(what)} with ${small ? 'minimum' : 'maximum'} length ${limit}, but got ${article(what)} with length ${length} instead.`,
      `${what}_${small ? 'below_min' : 'above_max'}_length`,
    );
  }
  const kind = DECIMALS.has(String(issue.path.at(-1))) ? 'decimal' : 'integer';
  return error(
    `Invalid '${name}': ${kind} ${small ? 'below minimum' : 'above maximum'} value. Expected a value ${small ? '>=' : '<='} ${limit}, but got ${String(value)} instead.`,
    `${kind}_${small ? 'below_min' : 'above_max'}_value`,
  );
}

const NAMES: Record<string, string> = { int: 'integer', number: 'decimal', record: 'object' };

function article(type: string): string {
  const name = NAMES[type] ?? type;
  return `${/^[aeio]/.test(name) ? 'an' : 'a'} ${name}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return article(typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value);
}
