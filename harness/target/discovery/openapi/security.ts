/** How a token is sent, as the document's security schemes say. */
import { entriesOf, isObject, type Json } from './document.ts';
import { resolved } from './references.ts';

export interface Credentials {
  headers: Readonly<Record<string, string>>;
  /** `api_key=…`, without the question mark; empty for none. */
  query: string;
}

const NONE: Credentials = { headers: {}, query: '' };

/**
 * What an operation needs besides its parameters.
 * @param token the user's; null when none was given.
 * @returns null when it needs a token that is missing, or one of a kind that hanglab cannot send.
 */
export function credentialsFor(
  operation: Json,
  root: Json,
  token: string | null,
): Credentials | null {
  const wanted = Array.isArray(operation.security) ? operation.security : root.security;
  const ways = Array.isArray(wanted) ? wanted.filter(isObject) : [];
  // An empty way among them: it can be called without any.
  if (ways.length === 0 || ways.some((way) => Object.keys(way).length === 0)) return NONE;
  if (token === null) return null;
  const schemes = isObject(root.components) ? root.components.securitySchemes : undefined;
  const known = new Map(entriesOf(schemes));
  for (const way of ways) {
    const parts = Object.keys(way).map((name) => {
      const scheme = known.get(name);
      return scheme ? sent(resolved(scheme, root), token) : null;
    });
    if (parts.some((part) => part === null)) continue;
    return {
      headers: Object.assign({}, ...parts.map((part) => part!.headers)),
      query: parts.flatMap((part) => part!.query || []).join('&'),
    };
  }
  return null;
}

function sent(scheme: Json, token: string): Credentials | null {
  const name = String(scheme.name ?? '');
  switch (scheme.type) {
    case 'http': {
      const kind = String(scheme.scheme).toLowerCase();
      if (kind === 'basic') {
        const basic = token.includes(':') ? Buffer.from(token).toString('base64') : token;
        return { headers: { authorization: `Basic ${basic}` }, query: '' };
      }
      return kind === 'bearer' ? bearer(token) : null;
    }
    case 'oauth2':
    case 'openIdConnect':
      return bearer(token);
    case 'apiKey':
      if (scheme.in === 'header') return { headers: { [name]: token }, query: '' };
      if (scheme.in === 'cookie') return { headers: { cookie: `${name}=${token}` }, query: '' };
      return {
        headers: {},
        query: `${encodeURIComponent(name)}=${encodeURIComponent(token)}`,
      };
    default:
      return null;
  }
}

function bearer(token: string): Credentials {
  return { headers: { authorization: `Bearer ${token}` }, query: '' };
}
