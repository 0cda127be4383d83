/** The path of an operation, and the parameters of its query. */
import type { RequestConfig } from '../config/config.ts';

/** The parameters of a path's query, still encoded. */
export function queryOf(path: string): [name: string, value: string][] {
  const query = path.includes('?') ? path.slice(path.indexOf('?') + 1) : '';
  return query.split('&').flatMap((part) => {
    const equals = part.indexOf('=');
    return equals < 0 ? [] : [[part.slice(0, equals), part.slice(equals + 1)]];
  });
}

export function pathIn({ get, post, put, patch, delete: remove }: RequestConfig): string {
  return get ?? post ?? put ?? patch ?? remove ?? '/';
}
