import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { progress } from './progress.ts';
import { progressResumes } from './progress-resumes.ts';

const check = progress();
const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);

test('passes while rows keep arriving, however long it takes altogether', () => {
  const builder = started();
  for (let t = 0; t <= 10_000; t += 500)
    builder.rows(t, { pending: 30 - t / 500, indexed: t / 500 });
  expect(check.judge(builder.build(10_000))).toMatchObject({
    verdict: 'pass',
    measured: { value: 500 },
  });
});

test('fails when accepted rows stand still beyond the limit, and says whether the model is idle', () => {
  const builder = started();
  for (let t = 0; t <= 5000; t += 250) builder.rows(t, { pending: 19, indexed: 4 });
  const finding = check.judge(builder.build(5000, false));
  expect(finding).toMatchObject({ verdict: 'fail', measured: { value: 5000, unit: 'ms' } });
  expect(finding.message).toContain('19 accepted rows');
  expect(finding.message).toContain('the model is idle');
});

test('an upload that is never answered is work that stands still', () => {
  const finding = check.judge(started().rows(0, { indexed: 0 }).request(500).build(4000, false));
  expect(finding).toMatchObject({ verdict: 'fail', measured: { value: 3500, unit: 'ms' } });
});

test('nothing to do is not a standstill', () => {
  const idle = started().rows(0, { pending: 0, indexed: 7 }).rows(9000, { pending: 0, indexed: 7 });
  expect(check.judge(idle.build(10_000)).verdict).toBe('pass');
});

test('no news is not progress: a listing that is not answered leaves the clock running', () => {
  const builder = started().rows(0, { pending: 3, indexed: 1 });
  for (let t = 500; t <= 4000; t += 500)
    builder.at(t, { kind: 'progress', progress: null, latencyMs: 2000 });
  expect(check.judge(builder.build(4000, false)).verdict).toBe('fail');
});

test('a target that never tells its progress is inconclusive', () => {
  expect(check.judge(started().request(0, 100).build(5000)).verdict).toBe('inconclusive');
});

test('progress-resumes: fails when nothing arrives after healing, passes when it does, else undecided', () => {
  const healed = () =>
    started().phase(1000, 'fault').phase(3000, 'recovery').rows(2900, { pending: 5, indexed: 2 });
  const resumes = progressResumes();
  expect(resumes.judge(healed().rows(3400, { pending: 4, indexed: 3 }).build(7000))).toMatchObject({
    verdict: 'pass',
    measured: { value: 400 },
  });
  expect(resumes.judge(healed().rows(6500, { pending: 5, indexed: 2 }).build(7000)).verdict).toBe(
    'fail',
  );
  expect(resumes.judge(healed().build(4000)).verdict).toBe('inconclusive');
  expect(resumes.judge(started().build(4000)).verdict).toBe('not-reached');
});
