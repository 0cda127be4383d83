import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { random } from '../harness/platform/random.ts';
import { documentText, eventually, startTarget } from './testing/target.ts';

test('killed at any instant: all that was acknowledged is indexed, once, and searchable', async () => {
  await using target = await startTarget();
  const { integer } = random(20_260_628);
  const acknowledged = new Map<string, string>();
  let next = 0;

  for (let round = 0; round < 4; round++) {
    let killed = false;
    const client = async () => {
      while (!killed) {
        const marker = `marker${next++}`;
        const answer = await target.upload(marker, documentText(marker)).catch(() => null);
        if (answer?.status === 201) acknowledged.set(answer.body.id, marker);
      }
    };
    const clients = [client(), client()];
    const before = acknowledged.size;
    await eventually(() => acknowledged.size > before);
    await new Promise((resolve) => setTimeout(resolve, integer(0, 300)));
    killed = true;
    await target.restart();
    await Promise.all(clients);
  }

  const done = async () => {
    const { rows } = await target.counts();
    return rows.indexed > 0 && rows.pending + rows.processing + rows.failed === 0;
  };
  expect(await eventually(done, 15_000)).toBe(true);
  expect(acknowledged.size).toBeGreaterThanOrEqual(4);
  for (const [id, marker] of acknowledged) {
    const { body } = await target.search(`the ${marker} is kept in the archive`, 100);
    const own = body.results.filter((r: { documentId: string }) => r.documentId === id);
    const places = own.map((r: { topic: string; text: string }) => `${r.topic}/${r.text}`);
    expect(own.length, marker).toBeGreaterThan(0);
    expect(new Set(places).size, marker).toBe(own.length);
  }
});

test('a start clears what a crash left half-written', async () => {
  await using target = await startTarget();
  const { body } = await target.upload('Whole', documentText('whole'));
  const folder = join(target.data, 'markdown');
  await writeFile(join(folder, 'd_000000000000.part'), 'half');
  await writeFile(join(folder, 'd_111111111111.md'), 'never acknowledged');
  await target.restart();
  expect(await readdir(folder)).toEqual([`${body.id}.md`]);
});

test('a deletion that was interrupted is completed at the next start', async () => {
  await using target = await startTarget({ flags: ['--log-level', 'debug'] });
  const { body } = await target.upload('Doomed', documentText('doomed'));
  await eventually(async () => (await target.counts()).documents.indexed === 1);
  const deletion = target
    .request(`/api/v1/knowledge/documents/${body.id}`, { method: 'DELETE' })
    .catch(() => null);
  await target.restart();
  await deletion;
  const state = (await target.request(`/api/v1/knowledge/documents/${body.id}`)).status;
  const found = await target.search('the doomed is kept in the archive', 100);
  const own = found.body.results.some((r: { documentId: string }) => r.documentId === body.id);
  // Killed before or after the deletion began: it is wholly there, or not at all.
  expect([
    { state: 200, own: true },
    { state: 404, own: false },
  ]).toContainEqual({ state, own });
});
