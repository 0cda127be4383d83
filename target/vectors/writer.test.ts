import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Claim } from '../cascade/claims.ts';
import { type Entry, lanceTable, type VectorTable } from './table.ts';
import { type WriterParts, writerOf } from './writer.ts';

let folder: string;
let table: VectorTable;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hanglab-vectors-'));
  table = lanceTable(folder, 8);
  await table.open();
});
afterEach(async () => {
  table[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

const never = new AbortController().signal;
const unit = [1, 0, 0, 0, 0, 0, 0, 0];

const claimOf = (rowId: string): Claim => ({
  rowId,
  documentId: rowId.split('.')[0] as string,
  title: 'T',
  topic: 'A topic',
  text: 'Its text.',
  token: `token of ${rowId}`,
  attempts: 0,
});

const entries = ({ rowId, documentId, topic }: Claim, ...texts: string[]): Entry[] =>
  texts.map((text, i) => ({ id: `${rowId}:${i}`, rowId, documentId, topic, text, vector: unit }));

const writer = (changes: Partial<WriterParts> = {}) =>
  writerOf({
    table,
    fence: { admits: () => true },
    writeMs: 5000,
    compactEveryWrites: 1000,
    onCompactionError: (error) => {
      throw error;
    },
    ...changes,
  });

const texts = async () => (await table.search(unit, 100)).map(({ text }) => text).sort();

test('a row is written once: a second write of it takes the place of the first', async () => {
  const { upsert } = writer();
  const row = claimOf('d_a.0');
  const other = claimOf('d_a.1');
  await upsert(row, entries(row, 'one', 'two', 'three'), never);
  await Promise.all([
    upsert(other, entries(other, 'else'), never),
    upsert(row, entries(row, 'uno', 'dos'), never),
  ]);
  expect(await texts()).toEqual(['dos', 'else', 'uno']);
});

test('what the fence does not admit is not written, what waits beside it is', async () => {
  const gone = claimOf('d_gone.0');
  const here = claimOf('d_here.0');
  const { upsert } = writer({ fence: { admits: ({ documentId }) => documentId !== 'd_gone' } });
  await Promise.all([
    upsert(gone, entries(gone, 'gone'), never),
    upsert(here, entries(here, 'here'), never),
    upsert(gone, entries(gone, 'gone'), never),
  ]);
  expect(await texts()).toEqual(['here']);
});

test('a removal takes what was asked to be written before it, and nothing of others', async () => {
  const { upsert, removeDocument } = writer();
  const doomed = claimOf('d_x.0');
  const spared = claimOf('d_y.0');
  await Promise.all([
    upsert(spared, entries(spared, 'spared'), never),
    upsert(doomed, entries(doomed, 'doomed'), never),
    removeDocument('d_x'),
  ]);
  expect(await texts()).toEqual(['spared']);
});

test('compaction keeps every row', async () => {
  const { upsert, drained } = writer({ compactEveryWrites: 2 });
  for (let i = 0; i < 5; i++) {
    const claim = claimOf(`d_c.${i}`);
    await upsert(claim, entries(claim, `text ${i}`), never);
  }
  await drained();
  expect(await texts()).toHaveLength(5);
});

test('searches go on while versions are dropped under them', async () => {
  const { upsert, drained } = writer({ compactEveryWrites: 1 });
  let writing = true;
  let searches = 0;
  const search = async () => {
    for (; writing; searches++) await texts();
  };
  const searching = Promise.all([search(), search(), search()]);
  for (let i = 0; i < 20; i++) {
    const claim = claimOf(`d_s.${i}`);
    await upsert(claim, entries(claim, `text ${i}`), never);
  }
  await drained();
  writing = false;
  await searching;
  expect(searches).toBeGreaterThan(20);
  expect(await texts()).toHaveLength(20);
});

test('a write that hangs is refused in time, shown, and does not stop those after it for ever', async () => {
  const gate = Promise.withResolvers<void>();
  let stuck = true;
  const slow: VectorTable = {
    ...table,
    async replaceRows(rowIds, rows) {
      if (stuck) await gate.promise;
      await table.replaceRows(rowIds, rows);
    },
  };
  const { upsert, removeDocument, state, drained } = writer({ table: slow, writeMs: 100 });
  const first = claimOf('d_1.0');
  const second = claimOf('d_2.0');
  const impatient = new AbortController();
  const results = Promise.allSettled([
    upsert(first, entries(first, 'first'), never),
    upsert(second, entries(second, 'second'), impatient.signal),
    removeDocument('d_3'),
  ]);
  impatient.abort(new Error('called off'));
  expect(
    (await results).map((result) => result.status === 'rejected' && result.reason.message),
  ).toEqual([
    'the vector table took longer than 100 ms',
    'called off',
    'the vector table took longer than 100 ms',
  ]);
  expect(state().currentMs).toBeGreaterThan(90);
  expect(state().queued).toBe(0);

  stuck = false;
  gate.resolve();
  await drained();
  expect(state()).toEqual({ queued: 0, currentMs: 0 });
  await upsert(second, entries(second, 'second'), never);
  expect(await texts()).toEqual(['first', 'second']);
});
