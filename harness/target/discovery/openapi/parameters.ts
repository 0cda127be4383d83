/** What a request has in its path, query and headers, made of the parameters of the document. */
import { exampleOf, valueOfSchema } from './body.ts';
import { isObject, type Json, objectsIn } from './document.ts';
import { resolved } from './references.ts';

export interface Parameters {
  /** Values of the path's parameters; one without a value is missing. */
  path: ReadonlyMap<string, string>;
  /** `a=1&b=${title}`, without the question mark; empty for none. */
  query: string;
  headers: Readonly<Record<string, string>>;
}

/** Headers that a client sets by itself, or that the document says elsewhere. */
const OWN_HEADERS = /^(accept|content-type|content-length|authorization|host|cookie)$/i;

/** @throws BadSchema, BadReference when a required one cannot be made. */
export function parametersOf(pathItem: Json, operation: Json, root: Json): Parameters {
  const path = new Map<string, string>();
  const query: string[] = [];
  const headers: Record<string, string> = {};
  for (const parameter of merged(pathItem, operation, root)) {
    const name = String(parameter.name);
    if (parameter.in === 'path') {
      const value = givenValue(parameter, root);
      if (value !== undefined) path.set(name, encoded(textOf(value)));
    } else if (parameter.required === true && parameter.in === 'query') {
      query.push(`${encodeURIComponent(name)}=${encoded(textOf(madeValue(parameter, root)))}`);
    } else if (parameter.required === true && parameter.in === 'header') {
      if (!OWN_HEADERS.test(name)) headers[name] = textOf(madeValue(parameter, root));
    }
  }
  return { path, query: query.join('&'), headers };
}

/** Those of the operation take precedence over those of its path. */
function merged(pathItem: Json, operation: Json, root: Json): Json[] {
  const byKey = new Map<string, Json>();
  for (const owner of [pathItem, operation]) {
    for (const given of objectsIn(owner.parameters)) {
      const parameter = resolved(given, root);
      byKey.set(`${parameter.in} ${parameter.name}`, parameter);
    }
  }
  return [...byKey.values()];
}

/** What the document itself gives: nothing made up has a chance to name something that exists. */
function givenValue(parameter: Json, root: Json): unknown {
  const given = exampleOf(parameter, root);
  if (given !== undefined) return given;
  if (!isObject(parameter.schema)) return undefined;
  const {
    const: fixed,
    default: usual,
    example,
    examples,
    enum: values,
  } = resolved(parameter.schema, root);
  return [fixed, example, ...list(examples), usual, ...list(values)].find(
    (value) => value !== undefined && value !== null,
  );
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function madeValue(parameter: Json, root: Json): unknown {
  const given = givenValue(parameter, root);
  if (given !== undefined) return given;
  // Its name says what kind of text it is, as that of a member does.
  const name = String(parameter.name);
  const schema = { type: 'object', properties: { [name]: parameter.schema ?? {} } };
  const value = valueOfSchema(schema, root);
  return isObject(value) ? value[name] : value;
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(',');
  return isObject(value) ? JSON.stringify(value) : String(value);
}

/** Percent-encoded, but for placeholders: what fills those is encoded then. */
function encoded(text: string): string {
  return text
    .split(/(\$\{\w+\})/)
    .map((part, i) => (i % 2 === 1 ? part : encodeURIComponent(part)))
    .join('');
}
