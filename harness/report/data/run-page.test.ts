/** The page of a recorded run, from its folder alone. */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { madeRun, recordedRun, temporaryFolder } from '../made-run.test-helper.ts';
import { OUTCOMES } from '../page/timeline-data.ts';
import { runPage } from './run-page.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
const kept = (folder: string): string => {
  folders.push(folder);
  return folder;
};

test('says first what hung and where, and how to run it again', async () => {
  const page = await runPage(kept(recordedRun()));
  expect(page.verdict).toBe('fail');
  expect(page.headline).toContain('Deadlock, 1 request waits for ever: queueRow');
  expect(page.details[0]).toMatch(/^progress: nothing was finished for /);
  expect(page.repro).toBe(
    'npx hanglab run upload-burst --seed 316 --defect cascade-takes-engine-permit',
  );
  expect(page.startedAt).toBe('2026-11-27T22:04:11.401Z');
  expect(page.target).toBe('reference');
});

test('has the stuck request, phases, and a chart for each thing that the history has', async () => {
  const { timeline, findings, changes } = await runPage(kept(recordedRun()));
  const { bars, phases, charts, marks } = timeline;
  const stuck = bars.outcome.filter((index) => OUTCOMES[index] === 'unknown');
  expect(stuck).toHaveLength(1);
  expect(phases.map(({ name }) => name)).toEqual(['warmup', 'baseline', 'fault']);
  expect(charts.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['health', 'progress', 'in-flight', 'descriptors', 'sockets', 'cpu']),
  );
  expect(marks).toContainEqual({ t: expect.any(Number), kind: 'fail', text: 'progress failed' });
  const progress = findings.find(({ check }) => check === 'progress');
  expect(progress?.ratio).toBeGreaterThan(1);
  expect(progress?.fromMs).toBeLessThan(timeline.untilMs);
  expect(changes?.quiesced).toBe(false);
});

test('the source is that of the run, not that of today', async () => {
  const { diagnosis } = await runPage(kept(recordedRun()));
  const [first] = diagnosis?.excerpts ?? [];
  expect(first?.lines[(first?.line ?? 0) - (first?.firstLine ?? 0)]).toContain('await new Promise');
});

test('the log has the time of the run, where its lines tell the time', async () => {
  const { log } = await runPage(kept(recordedRun()));
  const accepted = log.find(({ text }) => text.includes('document-accepted'));
  expect(accepted?.t).toBeGreaterThan(0);
});

test('a run without a verdict is in progress; one that was broken off says why', async () => {
  const folder = kept(recordedRun());
  rmSync(join(folder, 'verdict.json'));
  expect(await runPage(folder)).toMatchObject({ verdict: 'running' });
  writeFileSync(join(folder, 'verdict.json'), '{"verdict":null,"message":"interrupted"}');
  expect(await runPage(folder)).toMatchObject({ verdict: 'none', headline: 'interrupted' });
});

test('a history that ends in the middle of a line is read up to there', async () => {
  const folder = kept(recordedRun());
  appendFileSync(join(folder, 'history.ndjson'), '{"t":99999,"kind":"no');
  const page = await runPage(folder);
  expect(page.timeline.untilMs).toBeLessThan(99_999);
});

test('a line separator of Unicode within a text is no end of a line', async () => {
  const folder = kept(madeRun({ requests: 4, durationMs: 1000, text: 'a\u2028b\u2029c' }));
  const { timeline } = await runPage(folder);
  expect(timeline.bars.texts).toContain('a\u2028b\u2029c');
});

test('a known failure is no headline', async () => {
  const folder = kept(recordedRun());
  const file = join(folder, 'verdict.json');
  const verdict = JSON.parse(readFileSync(file, 'utf8'));
  for (const finding of verdict.findings) {
    if (finding.verdict === 'fail') Object.assign(finding, { known: true, reason: 'see #12' });
  }
  writeFileSync(file, JSON.stringify({ ...verdict, verdict: 'pass', diagnosis: null }));
  const page = await runPage(folder);
  expect(page.headline).toMatch(/checks of \d+ passed, and \d known failures? did not count\.$/);
  expect(page.helps).toBeNull();
});

test('what is no run says so', async () => {
  await expect(runPage(kept(temporaryFolder()))).rejects.toMatchObject({ code: 'no-such-run' });
});
