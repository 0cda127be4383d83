import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIncrementally } from './json-pieces.ts';

/** The strings of `json` by path, read in pieces cut at `cuts`. */
function stringsOf(json: string, cuts: readonly number[]): Record<string, string> {
  const found: Record<string, string> = {};
  const reader = readIncrementally((path, text) => {
    found[path] = (found[path] ?? '') + text;
  });
  let from = 0;
  for (const cut of [...cuts, json.length].sort((a, b) => a - b)) {
    reader.push(json.slice(from, cut));
    from = cut;
  }
  return found;
}

/** The expected strings of `value`. Empty strings have no pieces. */
function expected(value: unknown, path: readonly (string | number)[] = []): [string, string][] {
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => expected(inner, [...path, key]));
  }
  return value === '' ? [] : [[path.join('.'), String(value)]];
}

test('the pieces add up to the strings, wherever the text is cut', () => {
  const key = fc.stringMatching(/^[a-z]{1,6}$/);
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
    ),
  }));
  const document = fc.dictionary(key, tree, { maxKeys: 4 });
  fc.assert(
    fc.property(document, fc.array(fc.nat(200)), fc.boolean(), (value, cuts, spaced) => {
      const json = JSON.stringify(value, null, spaced ? 2 : 0);
      const ordered = Object.fromEntries(expected(value));
      expect(stringsOf(json, cuts)).toEqual(ordered);
    }),
    { numRuns: 500 },
  );
});

test('escapes are decoded, wherever they are cut', () => {
  const json = '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"}';
  for (let cut = 0; cut < json.length; cut++) {
    expect(stringsOf(json, [cut])).toEqual({ a: '"\\/\b\f\n\r\té😀' });
  }
});

test('text that is not JSON does no harm', () => {
  for (const text of ['}}}', '"', '[[[', '{"a" "b"}', ']"x"', '\\u12', '['.repeat(100_000)]) {
    expect(() => stringsOf(text, [])).not.toThrow();
  }
});
