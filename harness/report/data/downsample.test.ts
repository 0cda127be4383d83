import { expect, test } from 'vitest';
import { Downsampled } from './downsample.ts';

test('a short series is kept as it is', () => {
  const line = new Downsampled();
  for (const t of [0, 100, 250]) line.push(t, t * 2);
  expect(line.series('x')).toEqual({
    ...{ name: 'x', role: 'normal' },
    t: [0, 100, 250],
    value: [0, 200, 500],
  });
});

test('of a series of any length every peak stays, in bounded size', () => {
  const line = new Downsampled(100);
  for (let t = 0; t < 3_600_000; t += 100) line.push(t, t === 1_234_500 ? 9000 : 5);
  line.push(2_000_000, -7);
  const { t, value } = line.series('x');
  expect(t.length).toBeLessThanOrEqual(200);
  expect(value).toContain(9000);
  expect(t[value.indexOf(9000)]).toBe(1_234_500);
  expect(value).toContain(-7);
  expect(t).toEqual(t.toSorted((a, b) => a - b));
});

test('what is no number is left out', () => {
  const line = new Downsampled();
  line.push(0, Number.NaN);
  line.push(-5, 1);
  line.push(5, Number.POSITIVE_INFINITY);
  expect(line.isEmpty).toBe(true);
});
