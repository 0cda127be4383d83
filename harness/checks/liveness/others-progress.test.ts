import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { othersProgress } from './others-progress.ts';

const check = othersProgress();
const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);
const others = { group: 'others', operation: 'search', operationKind: 'read' } as const;

test('judges only requests that the fault does not touch', () => {
  const fine = started().request(0).request(100, 50, others).build(5000);
  expect(judgeCheck(check, fine).verdict).toBe('pass');
  const late = started().request(100, undefined, others).build(2500, false);
  expect(judgeCheck(check, late).verdict).toBe('fail');
  const refused = started()
    .request(100, 50, { ...others, outcome: 'failed' })
    .build(5000);
  expect(judgeCheck(check, refused)).toMatchObject({
    verdict: 'fail',
    measured: { unit: 'failed requests' },
  });
  // A target of which every read calls the upstream with the fault has no such requests.
  expect(judgeCheck(check, started().request(0, 10).build(5000)).verdict).toBe('not-reached');
});

test('the work that bystanders had accepted counts like a request', () => {
  const late = started().work(100, 2600, { group: 'others', subject: 'Guide 3' }).build(5000);
  const finding = judgeCheck(check, late);
  expect(finding).toMatchObject({ verdict: 'fail', measured: { value: 2600 } });
  expect(finding.message).toContain('"Guide 3"');
});

test('a refusal on a starved machine is inconclusive, not a finding', () => {
  const builder = history().phase(0, 'baseline').health(0, 4000, 2).health(4000, 6000, 700, 700);
  builder.request(4200, 900, { ...others, outcome: 'failed' });
  expect(judgeCheck(check, builder.build(8000)).verdict).toBe('inconclusive');
});
