import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  documentText,
  eventually,
  runToEnd,
  startTarget,
  type TargetProcess,
} from './testing/target.ts';

let target: TargetProcess;
beforeAll(async () => {
  target = await startTarget({ flags: ['--api-key', 'sesame-0815'] });
});
afterAll(() => target[Symbol.asyncDispose]());

const allIndexed = () =>
  eventually(async () => {
    const { documents } = await target.counts();
    return documents.indexed > 0 && documents.pending + documents.processing === 0;
  });

test('the line it prints when it listens contains everything but secrets', () => {
  expect(target.listening).toMatchObject({
    pid: target.process.pid,
    defect: null,
    limits: { attemptMs: 1200, requestMs: 2000, idleMs: 300, graceMs: 2000 },
    config: { data: target.data, modelUrl: target.model.url, apiKey: '[redacted]' },
  });
  expect(target.output()).not.toContain('sesame-0815');
});

test('an upload is accepted, indexed, found, shown, and after its deletion gone', async () => {
  const upload = await target.upload('On the quokka', documentText('quokka'));
  expect(upload).toMatchObject({ status: 201, body: { topics: 3 } });
  const { id } = upload.body;
  expect(await allIndexed()).toBe(true);

  const shown = await target.request(`/api/v1/knowledge/documents/${id}`);
  expect(shown.body).toMatchObject({ id, title: 'On the quokka', state: 'indexed' });
  expect(shown.body.rows).toHaveLength(3);
  expect(shown.body.rows[0]).toMatchObject({ state: 'indexed', attempts: 0, claimAgeMs: null });

  const found = await target.search('the quokka is kept in the archive', 3);
  expect(found.body.results[0]).toMatchObject({ documentId: id, title: 'On the quokka' });
  expect(found.body.results[0].score).toBeGreaterThan(found.body.results[2].score);

  expect((await target.request(shownPath(id), { method: 'DELETE' })).status).toBe(204);
  expect((await target.request(shownPath(id))).status).toBe(404);
  expect((await target.request(shownPath(id), { method: 'DELETE' })).status).toBe(404);
  const after = await target.search('the quokka is kept in the archive', 100);
  expect(after.body.results.filter((r: { documentId: string }) => r.documentId === id)).toEqual([]);
});

const shownPath = (id: string) => `/api/v1/knowledge/documents/${id}`;

test('each row is in the table exactly once', async () => {
  const { body } = await target.upload('Once', documentText('capybara'));
  expect(await allIndexed()).toBe(true);
  const found = await target.search('the capybara is kept in the archive', 100);
  const own = found.body.results.filter((r: { documentId: string }) => r.documentId === body.id);
  const places = own.map((r: { topic: string; text: string }) => `${r.topic}/${r.text}`);
  expect(own).toHaveLength(3);
  expect(new Set(places).size).toBe(own.length);
});

test('the list is paged, filtered, and counts what it does not show', async () => {
  for (const n of [1, 2, 3]) await target.upload(`Paged ${n}`, documentText(`page${n}`, 2000));
  expect(await allIndexed()).toBe(true);
  const path = '/api/v1/knowledge/documents';
  const titles: string[] = [];
  let cursor: string | null = '0';
  while (cursor !== null) {
    const { body } = await target.request(`${path}?limit=2&state=indexed&cursor=${cursor}`);
    expect(body.items.length).toBeLessThanOrEqual(2);
    titles.push(...body.items.map((item: { title: string }) => item.title));
    cursor = body.nextCursor;
  }
  expect(titles.slice(-3)).toEqual(['Paged 1', 'Paged 2', 'Paged 3']);
  const { body } = await target.request(`${path}?state=failed`);
  expect(body.items).toEqual([]);
  expect(body.documents.indexed).toBe(titles.length);
  expect(body.rows.indexed).toBe(titles.length * 3);
  expect((await target.request(`${path}?cursor=-1`)).status).toBe(400);
  expect((await target.request(`${path}?state=lost`)).body.error.message).toContain('state');
});

test('health, readiness, metrics and the description of the interface', async () => {
  expect(await target.request('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(await target.request('/ready')).toMatchObject({ body: { ready: true, reasons: [] } });
  const metrics = await target.request('/metrics');
  expect(metrics.headers.get('content-type')).toContain('text/plain');
  expect(metrics.body).toMatch(/target_rows\{state="indexed"\} [1-9]/);
  expect(metrics.body).toMatch(/target_model_call_seconds_count\{link="llm",ok="true"\} [1-9]/);
  const { body } = await target.request('/openapi.json');
  expect(Object.keys(body.paths)).toContain('/api/v1/knowledge/documents/{id}');
  expect(body.paths['/api/v1/knowledge/search'].post.requestBody).toBeDefined();
});

test('a second process on the same data is refused', async () => {
  const { modelUrl } = target.listening.config;
  const flags = ['--data', target.data, '--model-url', modelUrl, '--embeddings-url', modelUrl];
  const second = await runToEnd(flags);
  expect(second.code).toBe(3);
  expect(second.stderr).toContain('data-in-use');
});
