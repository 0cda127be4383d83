import { expect, test } from 'vitest';
import type { Finding } from '../checks/check.ts';
import { entry as runResult } from '../testing/entries.ts';
import { judgeRow, matrixJson, matrixVerdict } from './matrix.ts';

const ROW = {
  defect: 'no-attempt-deadline',
  scenario: 'llm-goes-silent',
  expected: 'every-request-ends',
} as const;

const finding = (verdict: Finding['verdict'], value: number): Finding => ({
  ...{ check: 'every-request-ends', verdict, phase: 'fault', message: 'told' },
  ...{ measured: { value, unit: 'ms' }, limit: { value: 3000, unit: 'ms' } },
});
const defective = runResult({ verdict: 'fail', findings: [finding('fail', 9300)] });
const healthy = runResult({ verdict: 'pass', findings: [finding('pass', 600)] });

test('caught: the margin is the smaller of both ways', () => {
  expect(judgeRow(ROW, defective, healthy)).toMatchObject({ result: 'caught', marginTimes: 3.1 });
  const near = runResult({ verdict: 'pass', findings: [finding('pass', 2000)] });
  expect(judgeRow(ROW, defective, near).marginTimes).toBe(1.5);
});

test('caught by another check only is missed; a healthy target that fails is a false alarm', () => {
  const other = runResult({
    verdict: 'fail',
    findings: [{ ...finding('fail', 9300), check: 'progress' }],
  });
  expect(judgeRow(ROW, other, healthy).result).toBe('missed');
  const alarmed = runResult({ verdict: 'fail', findings: [finding('fail', 3100)] });
  expect(judgeRow(ROW, defective, alarmed).result).toBe('false-alarm');
  const open = runResult({ verdict: 'inconclusive', findings: [] });
  expect(judgeRow(ROW, open, healthy).result).toBe('inconclusive');
});

test('the matrix passes only when every row is caught and the healthy target passes everything', () => {
  const row = judgeRow(ROW, defective, healthy);
  const unsure = runResult({ verdict: 'inconclusive', findings: [] });
  expect(matrixVerdict([row], [healthy])).toBe('pass');
  expect(matrixVerdict([{ ...row, result: 'missed' }], [healthy])).toBe('fail');
  expect(matrixVerdict([row], [defective])).toBe('fail');
  expect(matrixVerdict([row], [unsure])).toBe('inconclusive');
  expect(matrixJson([row], [healthy])).toMatchObject({
    schema: 'hanglab.matrix/1',
    verdict: 'pass',
    rows: [{ result: 'caught', marginTimes: 3.1, caughtBy: ['every-request-ends'] }],
  });
});
