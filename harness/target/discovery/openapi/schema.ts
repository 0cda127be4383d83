/**
 * Makes a schema of the document finite and self-contained, with the values that a request should have, so that
 * the sampler has nothing left to follow. A schema may be recursive, or of a hundred lines that unfold to a
 * thousand million values: it is bounded here.
 */
import { anyPlaceholder, placeholderFor } from '../texts.ts';
import { isObject, type Json, objectsIn } from './document.ts';
import { resolved } from './references.ts';

/** Values that one body may unfold to. */
const MAX_VALUES = 2_000;
const MAX_DEPTH = 12;
const MAX_MIN_LENGTH = 5_000;
const MAX_PATTERN = 100;

/** A schema that no value is made of, with the reason. */
export class BadSchema extends Error {}

/**
 * @throws BadSchema when it is too large.
 * @throws BadReference when it refers to something that is not in the document.
 */
export function finiteSchema(schema: Json, root: Json): Json {
  let left = MAX_VALUES;
  const visit = (given: Json, name: string, above: readonly Json[]): Json => {
    if (--left < 0) throw new BadSchema(`its schema unfolds to more than ${MAX_VALUES} values`);
    const at = resolved(given, root);
    // A member of itself: whatever may be left away is.
    if (above.includes(at) || above.length > MAX_DEPTH) return {};
    const below = [...above, at];
    const visitAll = (list: unknown): Json[] =>
      objectsIn(list).map((each) => visit(each, name, below));
    if (hasOwnValue(at)) return withValue(at, name);
    const made: Record<string, unknown> = { type: typeOf(at) };
    for (const key of KEPT) if (at[key] !== undefined) made[key] = at[key];
    if (isObject(at.properties)) {
      made.properties = Object.fromEntries(
        neededNames(at).map((key) => [key, visit(memberOf(at, key), key, below)]),
      );
      made.required = Object.keys(made.properties as Json);
    }
    if (Array.isArray(at.prefixItems)) made.prefixItems = visitAll(at.prefixItems);
    else if (isObject(at.items)) {
      const count = Math.max(1, Number(at.minItems) || 1);
      made.items = visit(at.items, name, below);
      left -= (count - 1) * sizeOf(made.items as Json);
      if (left < 0) throw new BadSchema(`it asks for a list of at least ${count} items`);
      made.minItems = count;
    }
    if (Array.isArray(at.allOf)) made.allOf = visitAll(at.allOf);
    // One of the forms is enough: the first that is not null.
    for (const key of ['oneOf', 'anyOf'] as const) {
      const form = objectsIn(at[key]).find((each) => each.type !== 'null');
      if (form) made[key] = [visit(form, name, below)];
    }
    return valued(made, at, name);
  };
  return visit(schema, '', []);
}

/** What the sampler keeps to. */
const KEPT = ['format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];
const KEPT_OF_TEXT = ['minLength', 'maxLength', 'pattern'] as const;

/** The required members, and where none is required, all: an empty object says little. */
function neededNames(schema: Json): string[] {
  const all = Object.keys(schema.properties as Json);
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  const needed = all.filter((name) => required.includes(name));
  const writable = all.filter((name) => memberOf(schema, name).readOnly !== true);
  return needed.length > 0 ? needed.filter((name) => writable.includes(name)) : writable;
}

function memberOf(schema: Json, name: string): Json {
  const member = (schema.properties as Json)[name];
  return isObject(member) ? member : {};
}

function hasOwnValue({ const: fixed, enum: values, default: usual, example, examples }: Json) {
  const isListed = [values, examples].some((list) => Array.isArray(list) && list.length > 0);
  return isListed || [fixed, usual, example].some((value) => value !== undefined);
}

/** The value that the document gives: an example before a default, and that before the first that is allowed. */
function withValue(schema: Json, name: string): Json {
  const { const: fixed, enum: values, default: usual, example, examples } = schema;
  if (fixed !== undefined) return { example: fixed };
  const listed = Array.isArray(values) ? values : [];
  // Of the roles in a conversation a client has this one.
  if (name === 'role' && listed.includes('user')) return { example: 'user' };
  const given = [example, ...(Array.isArray(examples) ? examples : []), usual, ...listed];
  const value = given.find((each) => each !== undefined && each !== null) ?? null;
  const isFree = listed.length === 0 && schema.pattern === undefined && schema.format === undefined;
  if (typeof value === 'string' && isFree) {
    return { example: placeholderFor(name, maxLengthOf(schema)) ?? value };
  }
  return { example: value };
}

/** A value where the sampler's own would be a poor one: `string`, 0, true. */
function valued(made: Record<string, unknown>, schema: Json, name: string): Json {
  const { type, format } = made;
  if (type === 'boolean') return { example: false };
  if (type === 'integer' || type === 'number') {
    const bounds = [schema.minimum, schema.maximum, schema.exclusiveMinimum, schema.multipleOf];
    return bounds.every((bound) => bound === undefined) ? { example: 1 } : made;
  }
  if (type !== 'string') return made;
  for (const key of KEPT_OF_TEXT) if (schema[key] !== undefined) made[key] = schema[key];
  if (Number(schema.minLength) > MAX_MIN_LENGTH) {
    throw new BadSchema(`it asks for a text of at least ${schema.minLength} characters`);
  }
  if (schema.pattern !== undefined && !isPlainPattern(schema.pattern)) delete made.pattern;
  if (schema.pattern !== undefined) return made;
  if (format === 'email') return { example: 'user${index}@example.com' };
  if (format === 'byte') return { example: Buffer.from('hanglab').toString('base64') };
  if (format !== undefined) return made;
  const maxLength = maxLengthOf(schema);
  const placeholder = placeholderFor(name, maxLength) ?? anyPlaceholder(maxLength);
  const tooShort = Number(schema.minLength ?? 0) > 6;
  return placeholder === null || (tooShort && placeholder === '${title}')
    ? made
    : { example: placeholder };
}

/** One that the sampler makes a short text of. */
function isPlainPattern(pattern: unknown): boolean {
  return typeof pattern === 'string' && pattern.length <= MAX_PATTERN && !/\{\d{3,}/.test(pattern);
}

function maxLengthOf({ maxLength }: Json): number {
  return typeof maxLength === 'number' ? maxLength : Number.POSITIVE_INFINITY;
}

function typeOf({ type, properties, items }: Json): unknown {
  if (Array.isArray(type)) return type.find((each) => each !== 'null');
  if (type !== undefined) return type;
  if (properties !== undefined) return 'object';
  return items === undefined ? undefined : 'array';
}

function sizeOf(schema: Json): number {
  const parts = [
    ...Object.values((schema.properties ?? {}) as Json),
    ...['items', 'prefixItems', 'allOf', 'oneOf', 'anyOf'].flatMap((key) => schema[key] ?? []),
  ];
  const count = typeof schema.minItems === 'number' ? schema.minItems : 1;
  return 1 + count * parts.reduce<number>((sum, part) => sum + sizeOf(part as Json), 0);
}
