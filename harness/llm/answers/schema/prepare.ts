/**
 * A schema made ready for the generator: arrays get the size that the text is worth, and each string
 * that may say anything gets a marker, in whose place an excerpt of the text is put afterwards.
 */
import {
  isObject,
  isRecursive,
  mapSubschemas,
  type ObjectSchema,
  resolveLocal,
  type Schema,
} from './json-schema.ts';

/** The limits of one string of the schema, in characters. */
export interface TextField {
  minLength: number;
  maxLength: number;
}

export interface Sizes {
  /** Items of an array of objects, and of one of strings, that stand in no other array. */
  objects: number;
  strings: number;
}

export interface Prepared {
  schema: Schema;
  /** By the number in a marker. */
  fields: TextField[];
}

/** Items of an array within an array or within a definition. */
const NESTED_ITEMS = 2;
const FORMAT = 'hanglab-text-';
const MARKER = /^\u0001(\d+)\u0001$/;
/** With any of these a string may not say anything it likes. */
const BINDING = ['enum', 'const', 'pattern', 'format'] as const;

export const formatName = (field: number): string => `${FORMAT}${field}`;
export const marker = (field: number): string => `\u0001${field}\u0001`;

/** The number of the field whose marker `value` is; undefined when it is none. */
export function markedField(value: string): number | undefined {
  const found = MARKER.exec(value);
  return found ? Number(found[1]) : undefined;
}

export function prepare(root: Schema, sizes: Sizes): Prepared {
  const fields: TextField[] = [];
  const rootName = isObject(root) && root.properties === undefined ? root.$ref : undefined;

  const visit = (schema: Schema, nested: boolean): Schema => {
    if (typeof schema === 'boolean') return schema;
    const isArray = schema.type === 'array' || isObject(schema.items);
    const copy = mapSubschemas(preferContent(withPrefixItems(schema)), (subschema, keyword) => {
      const definition = keyword === '$defs' || keyword === 'definitions';
      const isRoot = definition && rootName !== undefined && isTarget(root, rootName, subschema);
      return visit(subschema, nested || isArray || (definition && !isRoot));
    });
    if (isArray) setSize(root, schema, copy, nested ? null : sizes);
    return asTextField(copy, fields);
  };
  return { schema: visit(root, false), fields };
}

function isTarget(root: Schema, reference: unknown, schema: Schema): boolean {
  return typeof reference === 'string' && resolveLocal(root, reference) === schema;
}

/** A list of schemas in `items` is what draft 7 calls `prefixItems`. */
function withPrefixItems(schema: ObjectSchema): ObjectSchema {
  if (!Array.isArray(schema.items)) return schema;
  const {
    items: prefixItems,
    additionalItems,
    ...rest
  } = schema as { items: unknown[] } & ObjectSchema;
  const items = additionalItems === undefined ? {} : { items: additionalItems };
  return { ...rest, ...items, prefixItems, minItems: schema.minItems ?? prefixItems.length };
}

/** Null where something could be said says nothing; it stays where it is what ends a recursion. */
function preferContent(schema: ObjectSchema): ObjectSchema {
  const copy = { ...schema };
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const branches = copy[keyword];
    if (!Array.isArray(branches) || JSON.stringify(branches).includes('"$ref"')) continue;
    const others = branches.filter((branch) => !isObject(branch) || branch.type !== 'null');
    if (others.length > 0) copy[keyword] = others;
  }
  if (Array.isArray(copy.type) && copy.enum === undefined && copy.const === undefined) {
    copy.type = copy.type.find((type) => type !== 'null') ?? 'null';
  }
  return copy;
}

function setSize(
  root: Schema,
  schema: ObjectSchema,
  copy: ObjectSchema,
  sizes: Sizes | null,
): void {
  if (!isObject(schema.items) || schema.contains !== undefined || schema.prefixItems) return;
  if (isRecursive(root, schema.items as Schema)) return;
  const items = schema.items as ObjectSchema;
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema as {
    minItems?: number;
    maxItems?: number;
  };
  const free = items.type === 'string' && BINDING.every((keyword) => items[keyword] === undefined);
  const unbound = schema.uniqueItems !== true || free;
  const wanted = sizes === null || !unbound ? NESTED_ITEMS : free ? sizes.strings : sizes.objects;
  // The generator sees one marker only; the excerpts that take its place differ.
  if (free) delete copy.uniqueItems;
  // Of few values there may not be so many different ones.
  copy.minItems = unbound ? Math.min(Math.max(wanted, minItems), maxItems) : minItems;
  copy.maxItems = Math.max(copy.minItems as number, Math.min(Math.max(wanted, minItems), maxItems));
}

function asTextField(schema: ObjectSchema, fields: TextField[]): ObjectSchema {
  if (schema.type !== 'string' || BINDING.some((keyword) => schema[keyword] !== undefined)) {
    return schema;
  }
  const {
    minLength = 0,
    maxLength = Number.POSITIVE_INFINITY,
    ...rest
  } = schema as {
    minLength?: number;
    maxLength?: number;
  };
  fields.push({ minLength, maxLength });
  return { ...rest, format: formatName(fields.length - 1) };
}
