/** Checks requests against the schemas of their routes, without coercing types. */
import { Ajv, type ErrorObject } from 'ajv';

interface ToCompile {
  schema: unknown;
  httpPart?: string | undefined;
}

type Validate = ((data: unknown) => boolean) & { errors?: ErrorObject[] | null };

/** The validator compiler of one server. */
export function strictValidation(): (route: ToCompile) => Validate {
  const ajv = new Ajv({ useDefaults: true, strictTypes: false, keywords: ['example'] });
  return ({ schema, httpPart }) => {
    const validate = ajv.compile(schema as object);
    if (httpPart !== 'querystring') return validate as Validate;
    const integers = integerProperties(schema);
    const check: Validate = (query) => {
      readIntegers(query as Record<string, unknown>, integers);
      const valid = validate(query);
      check.errors = validate.errors ?? null;
      return valid;
    };
    return check;
  };
}

function integerProperties(schema: unknown): string[] {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> };
  return Object.keys(properties).filter((name) => properties[name]?.type === 'integer');
}

/** A query string is text: only what is written as an integer becomes one. */
function readIntegers(query: Record<string, unknown>, names: readonly string[]): void {
  for (const name of names) {
    const value = query[name];
    if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) query[name] = Number(value);
  }
}
