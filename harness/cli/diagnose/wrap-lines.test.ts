import { describe, expect, test } from 'vitest';
import { wrapLines } from './wrap-lines.ts';

const TEXT =
  '  4 requests wait: handle (/srv/app/src/server.mjs:12) waits for its turn in engine.#queue';

describe('on a terminal', () => {
  test.each([40, 60, 80])('of %i columns no word is cut, and no line is longer', (width) => {
    const lines = wrapLines(TEXT, width).split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(TEXT.trim());
    expect(lines[0]).toMatch(/^ {2}4/);
    expect(lines[1]).toMatch(/^ {6}\S/);
  });

  test('a word that is longer than the line stands alone', () => {
    const path = `/srv/${'a'.repeat(60)}`;
    expect(wrapLines(`waits at ${path} now`, 40)).toBe(`waits at\n    ${path}\n    now`);
  });

  test('lines that fit stay as they are', () => {
    expect(wrapLines('a\n\n  b', 40)).toBe('a\n\n  b');
  });
});

test('without a terminal nothing is wrapped', () => {
  expect(wrapLines(TEXT, undefined)).toBe(TEXT);
});
