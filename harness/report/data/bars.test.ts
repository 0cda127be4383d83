import { expect, test } from 'vitest';
import type { EventBody, HistoryEvent } from '../../history/events.ts';
import { type Bars, OUTCOMES } from '../page/timeline-data.ts';
import { BarFold } from './bars.ts';

function fold(events: ({ t: number } & EventBody)[], maxBars?: number): Bars {
  const bars = new BarFold(maxBars);
  for (const event of events) bars.step(event as HistoryEvent);
  return bars.result(10_000);
}

const request = (id: number, t: number): { t: number } & EventBody => ({
  ...{ t, kind: 'request', id, operation: 'upload', operationKind: 'write' },
  ...{ subject: `Guide ${id}`, group: 'load' },
});

const end = (id: number, t: number, outcome: 'ok' | 'failed'): { t: number } & EventBody => ({
  ...{ t, kind: 'request-end', id, outcome, status: 200, durationMs: 1, detail: null },
  acknowledged: null,
});

const outcomesOf = (bars: Bars): (string | undefined)[] =>
  bars.outcome.map((index) => OUTCOMES[index]);

test('a request that has not ended is drawn up to the end', () => {
  const bars = fold([request(1, 100), request(2, 200), end(1, 350, 'ok')]);
  expect(outcomesOf(bars)).toEqual(['ok', 'open']);
  expect(bars.fromMs).toEqual([100, 200]);
  expect(bars.toMs).toEqual([350, 10_000]);
  expect(bars.lanes).toEqual([{ group: 'clients', name: 'upload', total: 2, omitted: 0 }]);
});

test('the result may be asked for again while the run goes on', () => {
  const bars = new BarFold();
  bars.step(request(1, 100) as HistoryEvent);
  expect(bars.result(500).toMs).toEqual([500]);
  bars.step(end(1, 700, 'ok') as HistoryEvent);
  expect(bars.result(900).toMs).toEqual([700]);
});

test('of too many the slow, the failed and the open ones stay, and the others are counted', () => {
  const events = Array.from({ length: 1000 }, (_, i) => [
    request(i, i * 5),
    ...(i === 777 ? [] : [end(i, i * 5 + (i === 500 ? 900 : 4), i === 300 ? 'failed' : 'ok')]),
  ]).flat();
  const bars = fold(events, 80);
  expect(bars.id).toEqual(expect.arrayContaining([300, 500, 777]));
  const [lane] = bars.lanes;
  expect(bars.id.length).toBeLessThanOrEqual(100);
  expect(bars.id.length + (lane?.omitted ?? 0)).toBe(1000);
});

test('a call to a silent model that outlived the request limit was stuck, however it ended', () => {
  const limits = { requestMs: 2000 };
  const run = { scenario: 's', target: 't', defect: null, seed: 1, limits };
  const call = (id: number, ms: number): ({ t: number } & EventBody)[] => [
    { t: 1, kind: 'model-start', id, upstream: 'llm', operation: 'chat', subject: null },
    { t: 2, kind: 'model-silent', id, behaviour: 'after 3 tokens' },
    ...[{ t: ms, kind: 'model-end' as const, id, ending: 'client-closed' as const }].map(
      (ended) => ({ ...ended, status: 200, bytes: 1, tokens: 1 }),
    ),
  ];
  const bars = fold([{ t: 0, kind: 'run', ...run }, ...call(1, 1200), ...call(2, 5000)]);
  const byId = new Map(bars.id.map((id, i) => [id, outcomesOf(bars)[i]]));
  expect(byId.get(1)).toBe('left');
  expect(byId.get(2)).toBe('unknown');
});

test('what is slow goes by the limit of the request; a client that means to leave has none', () => {
  const limits = { requestMs: 1000 };
  const run = { scenario: 's', target: 't', defect: null, seed: 1, limits };
  const bars = fold([
    { t: 0, kind: 'run', ...run },
    request(1, 100),
    { ...request(2, 100), limits: { requestMs: 5000 } } as ReturnType<typeof request>,
    { ...request(3, 100), leaves: true } as ReturnType<typeof request>,
    ...[1, 2, 3].map((id) => end(id, 2000, 'ok')),
  ]);
  expect(bars.slow).toEqual([1, 0, 0]);
});
