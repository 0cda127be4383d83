/** References within a document. Those to other files and hosts are refused: a document is not to be trusted. */
import { isObject, type Json } from './document.ts';

/** References to references to references: more is a circle. */
const MAX_HOPS = 20;

/** A reference that cannot be followed, with the reason. */
export class BadReference extends Error {}

/**
 * `value`, or what it refers to.
 * @throws BadReference
 */
export function resolved(value: Json, root: Json): Json {
  let at = value;
  for (let hops = 0; typeof at.$ref === 'string'; hops++) {
    if (hops > MAX_HOPS)
      throw new BadReference(`the reference ${shown(at.$ref)} leads in a circle`);
    at = follow(at.$ref, root);
  }
  return at;
}

/** The object that `reference` points to. @throws BadReference */
export function follow(reference: string, root: Json): Json {
  if (!reference.startsWith('#/') && reference !== '#') {
    throw new BadReference(
      `it refers to ${shown(reference)}, outside of the document, which hanglab does not follow`,
    );
  }
  const names = reference.slice(2).split('/').map(unescaped);
  let at: unknown = root;
  for (const name of names) {
    const isThere = typeof at === 'object' && at !== null && Object.hasOwn(at, name);
    if (!isThere) throw new BadReference(`nothing is at ${shown(reference)}`);
    at = (at as Record<string, unknown>)[name];
  }
  if (isObject(at)) return at;
  throw new BadReference(`there is no object at ${shown(reference)}`);
}

/** RFC 6901, in a URI fragment. */
function unescaped(name: string): string {
  const text = name.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function shown(reference: string): string {
  return JSON.stringify(reference.slice(0, 100));
}
