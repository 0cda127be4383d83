/** docs/model.md: its rules are rules, its routes are there, and its tables leave nothing out. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { originOf, startModel } from './clients/model.test-helper.ts';
import { OPERATIONS, ROUTES } from './protocols/endpoint.ts';
import { behaviourShape } from './rules/behaviour.ts';
import { parseRules, whenShape } from './rules/rules.ts';

const text = readFileSync('docs/model.md', 'utf8');
const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json as string);

test.each(examples)('an example is a list of rules: %s', (json) => {
  expect(parseRules(JSON.parse(json)).length).toBeGreaterThan(0);
});

test('every behaviour and every condition is named', () => {
  const names = [
    ...Object.keys(behaviourShape),
    ...Object.keys(whenShape),
    ...OPERATIONS,
    ...ROUTES,
  ];
  expect(names.filter((name) => !new RegExp(`["\`]${name}["\`]`).test(text))).toEqual([]);
});

test('every route that it names is there', async () => {
  const origin = originOf(await startModel());
  const table = text.slice(text.indexOf('| Routes |'), text.indexOf('The base URL may end'));
  const routes = [...table.matchAll(/`(\/(?:v\d|api)\/[\w/]+)`/g)].map(
    ([, path]) => path as string,
  );
  expect(routes.length).toBeGreaterThan(15);
  for (const path of routes) {
    const statuses = await Promise.all(
      ['GET', 'POST'].map(async (method) => (await fetch(origin + path, { method })).status),
    );
    expect({ path, statuses }).toMatchObject({ statuses: expect.not.arrayContaining([404]) });
  }
});
