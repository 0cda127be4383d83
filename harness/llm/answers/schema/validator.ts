/** Does a value satisfy a schema? Asked of Ajv, which is held to JSON Schema's own test suite. */
import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { messageOf } from '../../../platform/errors.ts';
import { isObject, type Schema } from './json-schema.ts';

export type Validate = (value: unknown) => boolean;

/** What is wrong with a schema, in a sentence. */
export class SchemaError extends Error {}

/** Servers ask for the same few schemas again and again, and to compile one takes milliseconds. */
const KEPT = 200;
const compiled = new Map<string, Validate | SchemaError>();

// Nothing that a schema says is a reason to write to the console.
const OPTIONS: Options = { strict: false, logger: false };
const addFormats = formats.default;
const draft7 = addFormats(new Ajv(OPTIONS));
const draft2020 = addFormats(new Ajv2020(OPTIONS));

/**
 * The validator of `schema`. References are followed within the schema only.
 * @throws SchemaError when it is not a schema.
 */
export function validatorOf(schema: Schema): Validate {
  const key = JSON.stringify(schema);
  const known = compiled.get(key) ?? compile(schema);
  compiled.delete(key);
  compiled.set(key, known);
  for (const oldest of compiled.keys()) {
    if (compiled.size <= KEPT) break;
    compiled.delete(oldest);
  }
  if (known instanceof SchemaError) throw known;
  return known;
}

function compile(schema: Schema): Validate | SchemaError {
  const ajv = isDraft7(schema) ? draft7 : draft2020;
  if (!isObject(schema)) return () => schema === true;
  // By its name it would be taken for an earlier schema of that name.
  const { $schema: _, $id: _id, ...bare } = schema;
  try {
    const validate = ajv.compile(bare);
    return (value) => validate(value) === true;
  } catch (error) {
    return new SchemaError(messageOf(error));
  } finally {
    ajv.removeSchema(bare);
  }
}

/** By what it says of itself, or a list of schemas in `items`, which later versions call `prefixItems`. */
function isDraft7(schema: Schema): boolean {
  if (!isObject(schema)) return false;
  if (typeof schema.$schema === 'string') return /draft-0[4-7]/.test(schema.$schema);
  return /"items":\[/.test(JSON.stringify(schema));
}
