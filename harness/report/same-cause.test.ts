import { expect, test } from 'vitest';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { Ran, RunEntry } from './run-json.ts';
import { sharedCauses } from './same-cause.ts';

function diagnosis(code: Diagnosis['code'], line: number | null, decided = true): Diagnosis {
  const frame = { file: 'app.py', line: line ?? 0, column: 0, function: 'ask' };
  const place = { ...frame, count: 3, ageMs: 4000, chain: [], waitsFor: 'llm', locals: [] };
  return {
    ...{ schema: 'hanglab.diagnose/1', pid: 1, code, decided, holder: null, evidence: [] },
    sentence: `It waits at line ${line}.`,
    helps: 'A deadline.',
    where: line === null ? [] : [place],
    ruledOut: [],
    costMs: { frozen: 0, total: 0 },
  };
}

function failed(name: string, found: Diagnosis | null, verdict: Ran['verdict'] = 'fail'): RunEntry {
  return {
    ...{ name, defect: null, verdict, seed: 1, durationMs: 1, findings: [] },
    ...{ diagnosis: found, toxiproxy: null, reportFolder: null },
  };
}

test('scenarios that fail at the same place for the same reason are one cause', () => {
  const shared = sharedCauses([
    failed('a', diagnosis('upstream-stalled', 12)),
    failed('b', diagnosis('deadlock', 40)),
    failed('c', diagnosis('upstream-stalled', 12)),
    failed('c', diagnosis('upstream-stalled', 12)),
    failed('d', diagnosis('deadlock', 12)),
    failed('e', diagnosis('upstream-stalled', 12)),
    failed('f', diagnosis('deadlock', 40)),
    { name: 'g', skipped: 'no model' },
  ]);
  expect(shared).toEqual([
    {
      code: 'upstream-stalled',
      place: 'app.py:12',
      sentence: 'It waits at line 12.',
      helps: 'A deadline.',
      scenarios: ['a', 'c', 'e'],
    },
    expect.objectContaining({ code: 'deadlock', place: 'app.py:40', scenarios: ['b', 'f'] }),
  ]);
});

test('nothing is shared by one scenario, by what passed, or by what was not decided', () => {
  expect(
    sharedCauses([
      failed('a', diagnosis('deadlock', 1)),
      failed('a', diagnosis('deadlock', 1)),
      failed('b', diagnosis('deadlock', 1), 'pass'),
      failed('c', diagnosis('deadlock', 1, false)),
      failed('d', null),
      failed('e', null),
    ]),
  ).toEqual([]);
});

test('without a place, the same sentence is the same cause', () => {
  const [first] = sharedCauses([
    failed('a', diagnosis('fd-leak', null)),
    failed('b', diagnosis('fd-leak', null)),
  ]);
  expect(first).toMatchObject({ place: null, scenarios: ['a', 'b'] });
});
