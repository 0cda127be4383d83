/** Values of a request that are kept in memory only: a written config reads them from the environment. */
import type { OperationConfig } from '../config/config.ts';
import { placeholdersIn } from '../config/template.ts';
import type { Secret } from './offered.ts';
import { pathIn, queryOf } from './operation-path.ts';

const SECRET_HEADER =
  /^(authorization|proxy-authorization|cookie|x-(api|auth|access|csrf|xsrf)\b.*|.*(token|secret|api-?key|session).*)$/i;
const SECRET_FIELD =
  /^(pass(word|wd|phrase)?|pwd|secret|client_secret|api_?key|key|sig(nature)?|auth|(access_|refresh_|id_|csrf_?|session_?)?token)$/i;

/** Those of a request that was recorded or typed, recognized by the names of headers, fields and parameters. */
export function secretsIn(config: OperationConfig): Secret[] {
  const found: Secret[] = [];
  const take = (name: string, value: unknown): void => {
    if (typeof value !== 'string' || value === '' || placeholdersIn(value).length > 0) return;
    found.push({ value, variable: secretVariable(name) });
  };
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      if (SECRET_FIELD.test(name)) take(name, part);
      visit(part);
    }
  };
  for (const [name, value] of Object.entries(config.headers ?? {})) {
    if (isSecretHeader(name)) take(name, value);
  }
  for (const part of [config.json, config.form, config.multipart]) visit(part);
  for (const [name, value] of queryOf(pathIn(config)))
    if (SECRET_FIELD.test(name)) take(name, value);
  return found;
}

export function isSecretHeader(name: string): boolean {
  return SECRET_HEADER.test(name);
}

export function secretVariable(name: string): string {
  return `HANGLAB_${name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`;
}
