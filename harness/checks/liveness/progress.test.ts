import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { progress } from './progress.ts';
import { progressResumes } from './progress-resumes.ts';

const check = progress();
const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);

test('passes while work keeps being done, however long it takes altogether', () => {
  const builder = started();
  for (let t = 0; t <= 10_000; t += 500) builder.progress(t, 30 - t / 500, t / 500);
  expect(judgeCheck(check, builder.build(10_000))).toMatchObject({
    verdict: 'pass',
    measured: { value: 500 },
  });
});

test('fails when accepted work stands still beyond the limit, and says whether the model is idle', () => {
  const builder = started().call(10, 90);
  for (let t = 0; t <= 5000; t += 250) builder.progress(t, 19, 4);
  const finding = judgeCheck(check, builder.build(5000, false));
  expect(finding).toMatchObject({ verdict: 'fail', measured: { value: 5000, unit: 'ms' } });
  expect(finding.message).toContain('19 accepted items and 0 unanswered writes');
  expect(finding.message).toContain('the model is idle');
});

test('a write that is never answered is work that stands still', () => {
  const finding = judgeCheck(check, started().progress(0, 0, 0).request(500).build(4000, false));
  expect(finding).toMatchObject({ verdict: 'fail', measured: { value: 3500, unit: 'ms' } });
});

test('nothing to do is not a standstill', () => {
  const idle = started().progress(0, 0, 7).progress(9000, 0, 7);
  expect(judgeCheck(check, idle.build(10_000)).verdict).toBe('pass');
});

test('no news is not progress: a listing that is not answered leaves the clock running', () => {
  const builder = started().progress(0, 3, 1);
  for (let t = 500; t <= 4000; t += 500)
    builder.at(t, { kind: 'progress', progress: null, latencyMs: 2000 });
  expect(judgeCheck(check, builder.build(4000, false)).verdict).toBe('fail');
});

test('a target that never tells its progress is inconclusive', () => {
  expect(judgeCheck(check, started().request(0, 100).build(5000)).verdict).toBe('inconclusive');
});

test('progress-resumes: fails when nothing arrives after healing, passes when it does, else undecided', () => {
  const healed = () => started().phase(1000, 'fault').phase(3000, 'recovery').progress(2900, 5, 2);
  const resumes = progressResumes();
  expect(judgeCheck(resumes, healed().progress(3400, 4, 3).build(7000))).toMatchObject({
    verdict: 'pass',
    measured: { value: 400 },
  });
  expect(judgeCheck(resumes, healed().progress(6500, 5, 2).build(7000)).verdict).toBe('fail');
  expect(judgeCheck(resumes, healed().build(4000)).verdict).toBe('inconclusive');
  expect(judgeCheck(resumes, started().build(4000)).verdict).toBe('not-reached');
});

test('progress-resumes: without any work there is nothing to resume', () => {
  const idle = started().phase(1000, 'fault').progress(2900, 0, 2).request(1100, 5, {
    operationKind: 'read',
  });
  const built = idle.phase(3000, 'recovery').progress(6500, 0, 2).build(7000);
  expect(judgeCheck(progressResumes(), built).verdict).toBe('not-reached');
});

test('what is said of the model is what was so while nothing moved', () => {
  const builder = started().call(10, 90).call(200);
  for (let t = 0; t <= 5000; t += 250) builder.progress(t, 2, 4);
  expect(judgeCheck(check, builder.build(5000, false)).message).toContain('1 request at the model');
  const without = started();
  for (let t = 0; t <= 5000; t += 250) without.progress(t, 1, 4);
  expect(judgeCheck(check, without.build(5000, false)).message).not.toContain('the model');
});

test('progress-resumes: work that was accepted before healing must be done in time too', () => {
  const healed = started().phase(1000, 'fault').progress(2900, 5, 2).work(1500, undefined, {
    subject: 'Guide 7',
  });
  const finding = judgeCheck(
    progressResumes(),
    healed.phase(3000, 'recovery').progress(3400, 4, 3).build(7000),
  );
  expect(finding).toMatchObject({ verdict: 'fail', measured: { value: 4000 } });
  expect(finding.message).toContain('"Guide 7"');
});
