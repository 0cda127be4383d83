import { expect, test } from 'vitest';
import { healthy } from '../healthy.ts';
import { withDefect } from './defect.ts';
import { defectNames, loadDefect } from './index.ts';

test('every defect says why it is wrong, and replaces parts that there are', async () => {
  const names = defectNames();
  expect(names).toContain('cascade-takes-engine-permit');
  for (const name of names) {
    const defect = await loadDefect(name);
    expect(defect.why).toMatch(/^[A-Z].{30,120}\.$/);
    const replaced = withDefect(healthy, defect);
    expect(Object.keys(replaced)).toEqual(Object.keys(healthy));
    expect(replaced).not.toEqual(healthy);
  }
});

test('an unknown defect is refused with the nearest name', async () => {
  await expect(loadDefect('health-behind-engin')).rejects.toThrow('"health-behind-engine"');
  await expect(loadDefect('index')).rejects.toThrow('there is no defect');
});
