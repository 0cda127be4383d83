import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { configSchema, PROGRESS_FORMS } from './schema.ts';

const read = (path: string): string =>
  readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const DOCS = read('docs/config.md');

/** The names of all fields of a schema, however deep. */
function fieldsOf(schema: z.core.$ZodType): string[] {
  const { def } = schema._zod as unknown as { def: Record<string, unknown> & { type: string } };
  if (def.type === 'object') {
    const shape = def.shape as Record<string, z.core.$ZodType>;
    return Object.entries(shape).flatMap(([name, field]) => [name, ...fieldsOf(field)]);
  }
  const inner = [def.innerType, def.valueType, def.element, ...((def.options as unknown[]) ?? [])];
  return inner.flatMap((each) => (each ? fieldsOf(each as z.core.$ZodType) : []));
}

const fields = [...new Set([configSchema, ...Object.values(PROGRESS_FORMS)].flatMap(fieldsOf))];

test('the schema is seen whole', () => {
  expect(fields).toEqual(
    expect.arrayContaining(['server', 'dockerfile', 'givenUp', 'copies', 'grace']),
  );
});

describe('docs/config.md', () => {
  test.each(fields)('tells of `%s`', (field) => {
    expect(DOCS).toMatch(new RegExp(`\\b${field}\\b`));
  });

  test.each(['fastapi-upload', 'sse-gateway', 'gunicorn'])('shows examples/%s as it is', (name) => {
    expect(DOCS).toContain(read(`examples/${name}/hanglab.config.ts`));
  });
});
