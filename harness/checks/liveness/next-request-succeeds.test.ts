import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { nextRequestSucceeds } from './next-request-succeeds.ts';

const check = nextRequestSucceeds();
const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);
const healed = () => started().phase(1000, 'fault').phase(3000, 'recovery');
const failed = { outcome: 'failed' } as const;

test('looks at what is sent a grace after healing', () => {
  const inGrace = healed().request(3500, 100, failed).request(5500, 90).build(8000);
  expect(judgeCheck(check, inGrace).verdict).toBe('pass');
  const after = judgeCheck(check, healed().request(5500, 90, failed).build(8000));
  expect(after.verdict).toBe('fail');
  expect(after.message).toMatch(/^1 request sent after recovery failed; .*refused/);
  expect(judgeCheck(check, healed().build(8000)).verdict).toBe('inconclusive');
  expect(judgeCheck(check, started().build(8000)).verdict).toBe('not-reached');
});

test('what nothing was broken for needs no grace', () => {
  const inGrace = healed().request(3100, 100, failed).request(5500, 90).build(8000);
  expect(judgeCheck(nextRequestSucceeds({ grace: 0 }), inGrace).verdict).toBe('fail');
});

test('a failure on a starved machine is inconclusive', () => {
  const builder = history().phase(0, 'baseline').phase(1000, 'fault').phase(3000, 'recovery');
  builder.health(0, 5000, 2).health(5000, 7000, 700, 700).request(5200, 900, failed);
  expect(judgeCheck(check, builder.build(8000)).verdict).toBe('inconclusive');
});
