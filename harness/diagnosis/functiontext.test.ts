import { describe, expect, test } from 'vitest';
import { awaitsIn, endOfFunction } from './functiontext.ts';

/** `|` marks where the parameters begin and where the function ends. */
const FUNCTIONS = [
  'async function plain|(a, b) { await a; }| after()',
  'const arrow = async |(x) => { await x; }|;',
  'const short = |x => await x|, other = 1',
  'call(async |() => await work()|)',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a template.
  'class A { async run|(x = { y: ")" }) { return `${await x} }`; }| }',
  'async function quoted|(a) { const s = "}"; const r = /[}/]\\/}/; // }\n await a; /* } */ }| tail',
  'const divides = |(a) => { const b = a / 2; const c = "/"; await b; }|;',
];

describe('a function’s text', () => {
  test.for(FUNCTIONS)('%s', (marked) => {
    const text = marked.replaceAll('|', '');
    const start = marked.indexOf('|');
    const end = marked.lastIndexOf('|') - 1;
    expect(endOfFunction(text, start)).toBe(end);
    expect(awaitsIn(text, start, end).map((at) => text.slice(at, at + 5))).toEqual(['await']);
  });

  test('words that only look like it are none', () => {
    const text = 'f(a) { awaited(); a.await(); "await x"; // await y\n }';
    expect(awaitsIn(text, 1, text.length)).toEqual([]);
  });

  test('text that breaks off has no end', () => {
    expect(endOfFunction('f(a) { if (a) {', 1)).toBe(-1);
  });
});
