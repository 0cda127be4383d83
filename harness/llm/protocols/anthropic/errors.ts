/** Anthropic's errors: their form, and what each kind of problem with a request is called. */
import { type ApiError, jsonAnswer } from '../../answers/answer.ts';
import type { Issue, Wording } from '../check.ts';
import type { Provider } from '../endpoint.ts';

const TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

export const anthropic: Provider = {
  requestIdHeader: 'request-id',
  error: (status, error, requestId) =>
    jsonAnswer(status, { ...errorBody(status, error), request_id: requestId }),
  schemaError: (message) => ({ message: `output_config.format.schema: ${message}` }),
};

export function errorBody(status: number, { message, type }: ApiError) {
  const other = status >= 500 ? 'api_error' : 'invalid_request_error';
  return { type: 'error', error: { type: type ?? TYPES[status] ?? other, message } };
}

export const anthropicWording: Wording = (issue, value) => {
  const path = issue.path.map(String).join('.');
  const at = path === '' ? 'body' : path;
  if (issue.code === 'unrecognized_keys') {
    const key = [...issue.path, issue.keys[0] ?? ''].map(String).join('.');
    return { message: `${key}: Extra inputs are not permitted` };
  }
  if (value === undefined && path !== '') return { message: `${at}: Field required` };
  return { message: `${at}: ${problemOf(issue)}` };
};

function problemOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `Input should be a valid ${issue.expected === 'record' ? 'dictionary' : issue.expected}`;
    case 'invalid_value':
      return `Input should be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `at least ${issue.minimum} item is required`
        : `Input should be greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `at most ${issue.maximum} items are allowed`
        : `Input should be less than or equal to ${issue.maximum}`;
    default:
      return issue.message;
  }
}
