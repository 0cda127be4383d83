/** Fills fields from parsed JSON as Go fills a struct, with Go's words for what does not fit. */
import { JsonError, type JsonValue } from './go-json.ts';

/** The Go types that the API's bodies are made of. */
export type FieldType = 'string' | 'bool' | 'int' | 'int64' | 'float32' | StructType;

export interface StructType {
  /** As errors call the type when a value is not an object. */
  goType: string;
  /** As errors call the struct that a field stands in; empty when it has no name. */
  name: string;
  fields: Record<string, FieldType>;
}

/** What was given; a field that was not, or was null, is not there. */
export type Given = { [field: string]: string | boolean | number | Given };

/**
 * `path` is what errors put before a field's name.
 * @throws JsonError for the first value that does not fit.
 */
export function fillStruct(type: StructType, value: JsonValue, path = ''): Given {
  if (value.kind === 'null') return {};
  if (value.kind !== 'object') {
    throw new JsonError(
      `json: cannot unmarshal ${value.kind} into Go value of type ${type.goType}`,
    );
  }
  const given: Given = {};
  const names = Object.keys(type.fields);
  for (const [key, fieldValue] of value.fields) {
    const name = Object.hasOwn(type.fields, key)
      ? key
      : names.find((candidate) => candidate.toLowerCase() === key.toLowerCase());
    if (name === undefined || fieldValue.kind === 'null') continue;
    const fieldType = type.fields[name] as FieldType;
    given[name] = fill(fieldType, fieldValue, type.name, path + name);
  }
  return given;
}

function fill(
  type: FieldType,
  value: JsonValue,
  structName: string,
  path: string,
): string | boolean | number | Given {
  const misfit = (what: string): JsonError => {
    const goType = typeof type === 'string' ? type : type.goType;
    const field = `${structName}.${path}`;
    return new JsonError(
      `json: cannot unmarshal ${what} into Go struct field ${field} of type ${goType}`,
    );
  };
  if (typeof type === 'object') {
    if (value.kind !== 'object') throw misfit(value.kind);
    return fillStruct(type, value, `${path}.`);
  }
  if (value.kind === 'string' && type === 'string') return value.value;
  if (value.kind === 'bool' && type === 'bool') return value.value;
  if (value.kind !== 'number' || type === 'string' || type === 'bool') throw misfit(value.kind);
  const number = Number(value.text);
  const fits =
    type === 'float32'
      ? Number.isFinite(Math.fround(number))
      : /^-?\d+$/.test(value.text) && Number.isSafeInteger(number);
  if (!fits) throw misfit(`number ${value.text}`);
  // Go keeps no sign of a whole zero.
  return type === 'float32' ? Math.fround(number) : number + 0;
}
