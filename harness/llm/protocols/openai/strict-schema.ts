/** What OpenAI asks of a schema with `strict: true`, and in what words it refuses one. */
import { isObject, mapSubschemas, type Schema } from '../../answers/schema/json-schema.ts';

/** The first problem of `schema`; null when it may be used with `strict: true`. */
export function strictProblem(schema: Schema): string | null {
  if (!isObject(schema) || (schema.type !== 'object' && schema.$ref === undefined)) {
    const type = isObject(schema) ? String(schema.type ?? 'None') : 'None';
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${type}"'.`;
  }
  return problemIn(schema, []);
}

function problemIn(schema: Schema, path: readonly string[]): string | null {
  if (!isObject(schema)) return null;
  const context = `In context=(${path.map((part) => `'${part}'`).join(', ')}), `;
  if (schema.type === 'object' || isObject(schema.properties)) {
    if (schema.additionalProperties !== false) {
      return `${context}'additionalProperties' is required to be supplied and to be false.`;
    }
    const names = Object.keys(isObject(schema.properties) ? schema.properties : {});
    const required = Array.isArray(schema.required) ? schema.required : [];
    const missing = names.find((name) => !required.includes(name));
    if (missing !== undefined) {
      return `${context}'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  let problem: string | null = null;
  mapSubschemas(schema, (subschema, keyword) => {
    problem ??= problemIn(subschema, [...path, keyword]);
    return subschema;
  });
  return problem;
}
