import { expect, test } from 'vitest';
import type { EventBody, HistoryEvent } from '../../history/events.ts';
import { BandFold } from './bands.ts';

function fold(events: ({ t: number } & EventBody)[], untilMs: number) {
  const bands = new BandFold();
  for (const event of events) bands.step(event as HistoryEvent);
  return bands.result(untilMs);
}

test('a fault is a band from its injection to its healing, with the instant of its effect', () => {
  const fault = { kind: 'fault' as const, fault: 'llm.stalls' };
  const { faults } = fold(
    [
      { t: 100, ...fault, event: 'injected', detail: null },
      { t: 900, ...fault, event: 'healed', detail: null },
      // The count of what met it is asked for after it was healed.
      { t: 950, ...fault, event: 'took-effect', detail: '3 requests met it' },
      { t: 1000, ...fault, event: 'injected', detail: null },
    ],
    2000,
  );
  expect(faults).toEqual([
    {
      ...{ name: 'llm.stalls', injectedMs: 100, healedMs: 900, tookEffectMs: 900 },
      detail: '3 requests met it',
    },
    { name: 'llm.stalls', injectedMs: 1000, healedMs: null, tookEffectMs: null, detail: null },
  ]);
});

test('time that does not count says why: the machine, or a diagnosis', () => {
  const health = { kind: 'health' as const, latencyMs: 5, answered: true, status: 200, good: true };
  const { excluded } = fold(
    [
      { t: 600, ...health, intendedT: 550, controlMs: 3 },
      { t: 1800, ...health, intendedT: 1600, controlMs: 180 },
      { t: 3000, kind: 'look', event: 'begun' },
      { t: 3900, kind: 'look', event: 'ended' },
    ],
    6000,
  );
  expect(excluded).toEqual([
    { fromMs: 3000, toMs: 3900, weight: 0, reason: 'diagnosis' },
    { fromMs: 1500, toMs: 2000, weight: 0, reason: 'machine' },
  ]);
});

test('readiness is a band for each answer that differs from the last', () => {
  const ready = { kind: 'ready' as const, latencyMs: 1 };
  const { readiness } = fold(
    [
      { t: 100, ...ready, status: 200, good: true, reasons: [] },
      { t: 200, ...ready, status: 200, good: true, reasons: [] },
      { t: 300, ...ready, status: 503, good: false, reasons: ['queue'] },
    ],
    500,
  );
  expect(readiness).toEqual([
    { fromMs: 100, toMs: 300, good: true, text: '' },
    { fromMs: 300, toMs: 500, good: false, text: 'queue' },
  ]);
});
