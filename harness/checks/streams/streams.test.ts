import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { bytesPerTokenFlat } from './bytes-per-token-flat.ts';
import { noTruncatedAnswerComplete } from './no-truncated-answer-complete.ts';
import { streamProgress } from './stream-progress.ts';

const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);
const stream = { operation: 'chat', operationKind: 'stream' } as const;

test('stream-progress: a silence longer than the target allows fails, wherever it was', () => {
  const check = streamProgress();
  const ended = (course: { firstT: number; gapMs?: number; lastT: number }) =>
    started()
      .request(100, 3000, { ...stream, stream: streamOf(course) })
      .build(9000);
  expect(judgeCheck(check, ended({ firstT: 400, gapMs: 120, lastT: 3000 })).verdict).toBe('pass');
  expect(judgeCheck(check, ended({ firstT: 400, gapMs: 800, lastT: 3000 }))).toMatchObject({
    verdict: 'fail',
    measured: { value: 800 },
    limit: { value: 450 },
  });
  expect(judgeCheck(check, ended({ firstT: 400, lastT: 1000 }))).toMatchObject({
    verdict: 'fail',
    measured: { value: 2100 },
  });
  // Before its first event a stream may take as long as a request.
  const late = started()
    .request(100, 4000, { ...stream, stream: streamOf({ firstT: 3800, lastT: 4000 }) })
    .build(9000);
  expect(judgeCheck(check, late)).toMatchObject({
    measured: { value: 3700 },
    limit: { value: 3000 },
  });
});

test('stream-progress: a stream that is open is silent since its last event', () => {
  const check = streamProgress();
  const open = started().request(100, undefined, stream);
  expect(judgeCheck(check, open.build(4000, false))).toMatchObject({
    verdict: 'fail',
    measured: { value: 3900 },
  });
  open.at(2000, { kind: 'request-progress', id: 1, bytes: 90, events: 9, lastT: 1990 });
  expect(judgeCheck(check, open.build(2300, false)).verdict).toBe('pass');
  expect(judgeCheck(check, open.build(2600, false))).toMatchObject({ measured: { value: 610 } });
  expect(judgeCheck(check, started().build(9000)).verdict).toBe('not-reached');
});

test('stream-progress: limits of its own, and a client that means to leave', () => {
  const quiet = { ...stream, limits: { idleMs: 3_600_000, firstByteMs: 3_600_000 } };
  const check = streamProgress();
  expect(judgeCheck(check, started().request(100, undefined, quiet).build(8000)).verdict).toBe(
    'pass',
  );
  const leaves = started()
    .request(100, undefined, { ...stream, leaves: true })
    .build(9000);
  expect(judgeCheck(check, leaves).verdict).toBe('not-reached');
  const left = started()
    .request(100, 4000, { ...stream, outcome: 'left' })
    .build(9000);
  expect(judgeCheck(check, left).verdict).toBe('fail');
});

test('no-truncated-answer-complete: a cut answer that is called whole fails; retried or refused it passes', () => {
  const check = noTruncatedAnswerComplete();
  const about = { subject: 'Guide 4' };
  const through = () => started().phase(1000, 'fault');
  const cut = { ...about, ending: 'fin' } as const;
  const called = through().call(1500, 100, cut).request(1400, 300, about).build(9000);
  expect(judgeCheck(check, called)).toMatchObject({ verdict: 'fail', measured: { value: 1 } });
  const retried = through()
    .call(1500, 100, cut)
    .call(1700, 100, about)
    .request(1400, 500, about)
    .call(1500, 100, { subject: 'Guide 5', ending: 'reset' })
    .request(1400, 300, { subject: 'Guide 5', outcome: 'failed' })
    .build(9000);
  expect(judgeCheck(check, retried).verdict).toBe('pass');
  expect(judgeCheck(check, through().build(9000)).verdict).toBe('inconclusive');
});

test('no-truncated-answer-complete: a call of a tool that was cut is not carried out', () => {
  const about = { subject: 'Guide 4' };
  const carriedOut = started()
    .request(100, 2000, { ...stream, ...about, outcome: 'failed' })
    .call(150, 100, { ...about, ending: 'fin' })
    .at(400, {
      kind: 'model-start',
      id: 90,
      upstream: 'llm',
      operation: 'chat',
      ...about,
      answersTool: true,
    })
    .build(9000);
  expect(judgeCheck(noTruncatedAnswerComplete(), carriedOut)).toMatchObject({
    verdict: 'fail',
    message: expect.stringContaining('carried out'),
  });
});

test('bytes-per-token-flat: the same bytes at begin and end pass, whole partials fail', () => {
  const check = bytesPerTokenFlat();
  const course = (bytesAfter: (events: number) => number) => {
    const builder = started().request(100, 5000, stream);
    for (let events = 20; events <= 1000; events += 20) {
      const t = 100 + events * 4;
      const bytes = bytesAfter(events);
      builder.at(t, { kind: 'request-progress', id: 1, bytes, events, lastT: t });
    }
    return builder.build(9000);
  };
  expect(
    judgeCheck(
      check,
      course((events) => 40 * events),
    ).verdict,
  ).toBe('pass');
  expect(
    judgeCheck(
      check,
      course((events) => 4 * events * events),
    ).verdict,
  ).toBe('fail');
  expect(judgeCheck(check, started().request(100, 50, stream).build(9000)).verdict).toBe(
    'inconclusive',
  );
});

function streamOf({ firstT, gapMs, lastT }: { firstT: number; gapMs?: number; lastT: number }) {
  const longestGap = gapMs === undefined ? null : { fromT: firstT, ms: gapMs };
  return { bytes: 3000, events: 60, firstT, lastT, longestGap };
}
