import { expect, test } from 'vitest';
import { history } from '../../testing/history.ts';
import { judgeCheck } from '../judging/judge.ts';
import { bytesPerTokenFlat } from './bytes-per-token-flat.ts';
import { noTruncatedAnswerComplete } from './no-truncated-answer-complete.ts';
import { streamProgress } from './stream-progress.ts';

const started = () => history().phase(0, 'baseline').health(0, 20_000, 2);
const stream = { operation: 'chat', operationKind: 'stream' } as const;

test('stream-progress: a silence longer than the target allows fails, open or ended', () => {
  const check = streamProgress();
  const ended = (longestGapMs: number) =>
    started()
      .request(100, 3000, { ...stream, stream: streamOf({ longestGapMs }) })
      .build(9000);
  const alive = (gapMs: number) => {
    const builder = started().request(100, 3000, {
      ...stream,
      stream: streamOf({ longestGapMs: gapMs }),
    });
    for (let t = 200; t < 3100; t += 200) {
      builder.at(t, { kind: 'request-progress', id: 1, bytes: t, events: t / 10, lastT: t });
    }
    return builder.build(9000);
  };
  expect(judgeCheck(check, alive(120)).verdict).toBe('pass');
  expect(judgeCheck(check, alive(800))).toMatchObject({
    verdict: 'fail',
    measured: { value: 800 },
    limit: { value: 450 },
  });
  // Before its first byte a stream may take as long as a request.
  expect(judgeCheck(check, ended(0)).limit?.value).toBe(3000);
  const open = started().request(100, undefined, stream).build(4000, false);
  expect(judgeCheck(check, open)).toMatchObject({ verdict: 'fail', measured: { value: 3900 } });
  expect(judgeCheck(check, started().build(9000)).verdict).toBe('inconclusive');
});

test('stream-progress: what its client has left is not silent', () => {
  const left = started()
    .request(100, 4000, { ...stream, outcome: 'left' })
    .build(9000);
  expect(judgeCheck(streamProgress(), left).verdict).toBe('inconclusive');
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

function streamOf({ longestGapMs }: { longestGapMs: number }) {
  return { bytes: 3000, events: 60, firstByteMs: 100, longestGapMs };
}
