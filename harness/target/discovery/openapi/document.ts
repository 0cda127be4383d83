/**
 * Reads an OpenAPI 3 or Swagger 2 document into one form, OpenAPI 3.1. The document comes from the server under
 * test, so nothing in it is trusted: its size is bounded, and references to other files or hosts are never
 * followed.
 */
import { upgrade } from '@scalar/openapi-upgrader';
import { parse } from 'yaml';
import { HanglabError, messageOf } from '../../../platform/errors.ts';

/** The document of the GitHub API, one of the largest, has 11 MB. */
export const MAX_DOCUMENT_BYTES = 16_000_000;

/** An object of the document, of any shape: each reader checks what it needs. */
export type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  /** OpenAPI 3.1, with its references unresolved. */
  root: Json;
  title: string;
  /** As the document says it: `openapi 3.0.2`, `swagger 2.0`. */
  version: string;
}

/**
 * @param where it came from, for messages.
 * @throws HanglabError `bad-openapi` when it is no such document.
 */
export function readOpenApi(text: string, where: string): OpenApiDocument {
  const refuse = (why: string): never => {
    throw new HanglabError('bad-openapi', `${where} is not an OpenAPI document: ${why}`);
  };
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) refuse('it is larger than 16 MB');
  let parsed: unknown;
  try {
    parsed = parseText(text);
  } catch (error) {
    return refuse(messageOf(error).split('\n')[0] as string);
  }
  if (!isObject(parsed)) return refuse('expected an object');
  const { openapi, swagger } = parsed;
  if (!/^3\.[0-2]/.test(String(openapi)) && !/^2\.0/.test(String(swagger))) {
    refuse('expected "openapi": "3.x" or "swagger": "2.0" at its top');
  }
  if (!isObject(parsed.paths)) refuse('it has no paths');
  const version = openapi === undefined ? `swagger ${swagger}` : `openapi ${openapi}`;
  try {
    const root = upgrade(parsed as Record<string, unknown>, '3.1') as unknown as Json;
    const title = isObject(root.info) ? String(root.info.title ?? '') : '';
    return { root, title, version };
  } catch (error) {
    return refuse(messageOf(error));
  }
}

/** JSON, else YAML. A key `__proto__` would become the prototype of what it is merged into. */
function parseText(text: string): unknown {
  if (/^\s*\{/.test(text)) return JSON.parse(text, withoutPrototype);
  return JSON.parse(JSON.stringify(parse(text)), withoutPrototype);
}

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The items that are objects; none where it is no list. */
export function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The entries that are objects. */
export function entriesOf(value: unknown): [string, Json][] {
  if (!isObject(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, Json] => isObject(entry[1]));
}
