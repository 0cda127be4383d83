import { expect, test } from 'vitest';
import { loadScenario, scenarioNames } from '../harness/scenario/catalogue.ts';
import { defectNames } from './defects/index.ts';
import { MATRIX_ROWS } from './matrix-rows.ts';

test('every defect has a row, and every row a scenario that judges by the check that it expects', async () => {
  expect([...new Set(MATRIX_ROWS.map(({ defect }) => defect))].toSorted()).toEqual(defectNames());
  for (const { scenario: name, expected } of MATRIX_ROWS) {
    expect(scenarioNames()).toContain(name);
    const { scenario } = await loadScenario(name);
    const { always, afterRecovery, afterQuiesce } = scenario;
    const judged = [...always, ...afterRecovery, ...afterQuiesce].map((check) => check.name);
    expect(judged, `${name} has no check ${expected}`).toContain(expected);
  }
});
