import { expect, test } from 'vitest';
import { loadScenario, scenarioNames } from '../harness/scenario/catalogue.ts';
import { defectNames } from './defects/index.ts';
import { MATRIX_ROWS } from './matrix-rows.ts';

/** Gaps of the harness: no scenario catches them yet. */
const WITHOUT_ROW = ['slow-reader-buffered', 'vanished-clients-kept'];

test('every defect but the known gaps has a row, and every row a scenario that judges by the check that it expects', async () => {
  const withRow = MATRIX_ROWS.map(({ defect }) => defect);
  expect([...new Set([...withRow, ...WITHOUT_ROW])].toSorted()).toEqual(defectNames());
  expect(withRow.filter((defect) => WITHOUT_ROW.includes(defect))).toEqual([]);
  for (const { scenario: name, expected } of MATRIX_ROWS) {
    // Of one for an upstream, `NAME@UPSTREAM`.
    expect(scenarioNames()).toContain(name.split('@')[0]);
    const { scenario } = await loadScenario(name);
    const { always, afterRecovery, afterQuiesce } = scenario;
    const judged = [...always, ...afterRecovery, ...afterQuiesce].map((check) => check.name);
    expect(judged, `${name} has no check ${expected}`).toContain(expected);
  }
});
