import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { makeReportFolder, pointLatestTo } from './folder.ts';
import { pruneReports } from './prune.ts';

const parent = mkdtempSync(join(tmpdir(), 'prune-test-'));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
let out: string;
beforeEach(() => {
  out = mkdtempSync(join(parent, 'out-'));
});

/** A run folder of the given day. */
function run(scenario: string, day: number): string {
  const folder = makeReportFolder(out, scenario, new Date(Date.UTC(2026, 0, day)));
  writeFileSync(join(folder, 'scenario.json'), '{}');
  return folder;
}

it('keeps the newest of each scenario', () => {
  const old = [run('llm-slow', 1), run('llm-slow', 2)];
  const kept = [run('llm-slow', 10), run('llm-slow', 9), run('upload-burst', 1)];
  expect(pruneReports(out, 2).toSorted()).toEqual(old);
  expect(old.some(existsSync)).toBe(false);
  expect(kept.every(existsSync)).toBe(true);
});

it('knows which of one instant came later', () => {
  const [first, ...later] = Array.from({ length: 12 }, () => run('llm-slow', 1));
  expect(pruneReports(out, 11)).toEqual([first]);
  expect(pruneReports(out, 1)).toEqual(later.slice(0, -1));
});

it('never takes what latest points to, nor what is to be spared', () => {
  const [oldest, spared] = [run('llm-slow', 1), run('llm-slow', 2)];
  run('llm-slow', 3);
  pointLatestTo(out, oldest as string);
  expect(pruneReports(out, 1, [spared as string])).toEqual([]);
  expect([oldest, spared].map((folder) => existsSync(folder as string))).toEqual([true, true]);
});

it('never touches what is not a run folder of ours', () => {
  const others = ['llm-slow/notes', 'llm-slow/2026-01-01T00-00-00-000Z', 'mine/2026'];
  for (const other of others) mkdirSync(join(out, other), { recursive: true });
  writeFileSync(join(out, 'llm-slow', 'notes', 'scenario.json'), '{}');
  const elsewhere = mkdtempSync(join(parent, 'elsewhere-'));
  writeFileSync(join(elsewhere, 'scenario.json'), '{}');
  symlinkSync(elsewhere, join(out, 'llm-slow', '2026-01-02T00-00-00-000Z'));
  run('llm-slow', 3);
  run('llm-slow', 4);
  expect(pruneReports(out, 1)).toHaveLength(1);
  expect(others.every((other) => existsSync(join(out, other)))).toBe(true);
  expect(existsSync(join(elsewhere, 'scenario.json'))).toBe(true);
});
