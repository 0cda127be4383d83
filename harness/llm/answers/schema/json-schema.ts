/** What is read of a JSON Schema, and where in it further schemas stand. */

export type Schema = boolean | { [keyword: string]: unknown };
export type ObjectSchema = Exclude<Schema, boolean>;

/** Keywords whose value is a schema, a list of schemas, or schemas by name (JSON Schema 2020-12 and draft 7). */
const ONE = ['additionalProperties', 'items', 'contains', 'not', 'if', 'then', 'else'] as const;
const LIST = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'] as const;
const NAMED = [
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
] as const;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of `schema` in which each schema right below it is what `change` makes of it. */
export function mapSubschemas(
  schema: ObjectSchema,
  change: (subschema: Schema, keyword: string) => Schema,
): ObjectSchema {
  const copy: ObjectSchema = { ...schema };
  const changed = (value: unknown, keyword: string): unknown =>
    isObject(value) || typeof value === 'boolean' ? change(value as Schema, keyword) : value;
  for (const keyword of ONE) {
    if (isObject(copy[keyword])) copy[keyword] = changed(copy[keyword], keyword);
  }
  for (const keyword of LIST) {
    const list = copy[keyword];
    if (Array.isArray(list)) copy[keyword] = list.map((item) => changed(item, keyword));
  }
  for (const keyword of NAMED) {
    const named = copy[keyword];
    if (!isObject(named)) continue;
    copy[keyword] = Object.fromEntries(
      Object.entries(named).map(([name, value]) => [name, changed(value, keyword)]),
    );
  }
  return copy;
}

/** The schema that a local reference like `#/$defs/Name` leads to; undefined when there is none. */
export function resolveLocal(root: Schema, reference: string): Schema | undefined {
  if (reference !== '#' && !reference.startsWith('#/')) return undefined;
  let at: unknown = root;
  for (const part of reference.split('/').slice(1)) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return isObject(at) || typeof at === 'boolean' ? (at as Schema) : undefined;
}

/** Whether `schema` can lead back to itself or to any schema that does. */
export function isRecursive(root: Schema, schema: Schema, open = new Set<string>()): boolean {
  if (!isObject(schema)) return false;
  if (typeof schema.$ref === 'string') {
    if (open.has(schema.$ref)) return true;
    const target = resolveLocal(root, schema.$ref);
    if (target !== undefined && isRecursive(root, target, new Set(open).add(schema.$ref))) {
      return true;
    }
  }
  let found = false;
  mapSubschemas(schema, (subschema, keyword) => {
    const definition = keyword === '$defs' || keyword === 'definitions';
    if (!found && !definition) found = isRecursive(root, subschema, open);
    return subschema;
  });
  return found;
}
