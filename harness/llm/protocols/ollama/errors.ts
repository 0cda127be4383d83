/** Ollama's errors: one sentence. */
import { jsonAnswer } from '../../answers/answer.ts';
import { dottedPath, type Wording } from '../check.ts';
import type { Provider } from '../endpoint.ts';

export const ollama: Provider = {
  requestIdHeader: 'x-request-id',
  error: (status, { message }) => jsonAnswer(status, { error: message }),
  schemaError: (message) => ({ message: `invalid JSON schema in format: ${message}` }),
};

export const ollamaWording: Wording = (issue, value) => {
  const path = dottedPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return { message: `unknown field "${issue.keys[0]}"${path === '' ? '' : ` in ${path}`}` };
  }
  if (value === undefined && path !== '') return { message: `${path} is required` };
  return { message: `invalid ${path || 'request'}: ${issue.message}` };
};
