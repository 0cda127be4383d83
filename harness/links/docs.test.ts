/** docs/toxiproxy.md: its examples are taken, and every extra is in it and in DIFFERENCES.md. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { call, createTestProxy } from './conformance/api-calls.ts';
import { startEmbeddedServer } from './embedded/server.ts';
import { KINDS } from './embedded/toxics/registry.ts';

const text = readFileSync('docs/toxiproxy.md', 'utf8');
const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json as string);

test.each(examples)('an example is taken: %s', async (json) => {
  await using server = await startEmbeddedServer({ port: 0, seed: 1, extras: true });
  if (Array.isArray(JSON.parse(json))) {
    expect((await call(server.url, 'POST', '/populate', json)).status).toBe(201);
  } else {
    const proxy = await createTestProxy(server.url, '127.0.0.1:1');
    expect(await proxy.api('POST', '/toxics', json)).toMatchObject({ status: 200 });
    await proxy.api('DELETE');
  }
});

test('every extra is in both documents', () => {
  const differences = readFileSync('harness/links/DIFFERENCES.md', 'utf8');
  const extras = KINDS.filter(({ extra }) => extra).map(({ type }) => type);
  expect(extras.length).toBeGreaterThan(8);
  for (const type of extras) {
    expect(differences).toContain(`\`${type}\``);
    expect(text).toContain(`"type": "${type}"`);
  }
});
