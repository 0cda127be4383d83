import { describe, expect, test } from 'vitest';
import { functionsOf } from './await-sites.ts';

/** `|` marks where the parameters begin and where the function ends. */
const FUNCTIONS = [
  'async function plain|(a, b) { await a; }| after()',
  'const arrow = async |(x) => { await x; }|;',
  'const short = async |x => await x|, other = 1',
  'call(async |() => await work()|)',
  'class A { async run|(x = { y: ")" }) { return `${await x} }`; }| }',
  'async function quoted|(a) { const s = "}"; const r = /[}/]\\/}/; // }\n await a; /* } */ }| tail',
  'const divides = async |(a) => { const b = a / 2; const c = "/"; await b; }|;',
  'async function outer|(a) { await a; return async () => { await b; await c; }; }|',
  'module.exports = async |(a) => { for await (const b of a) b(); }|; return 1;',
];

describe('a function’s text', () => {
  test.for(FUNCTIONS)('%s', (marked) => {
    const text = marked.replaceAll('|', '');
    const found = functionsOf(text)(marked.indexOf('|'));
    expect(found).toMatchObject({ end: marked.lastIndexOf('|') - 1, isAsync: true });
    expect(found?.sites.map(({ at }) => text.slice(at, at + 5))).toEqual(['await']);
  });

  test('calls are told by the path that is called', () => {
    const text = `async (a) => {
      await f(); await house.lanes?.run(a); await this.take(); await a[0](); await a; yielded();
    }`;
    const callees = functionsOf(text)(0)?.sites.map(({ callee }) => callee);
    expect(callees).toEqual(['f', 'house.lanes.run', 'this.take', null, null]);
  });

  test('what a plain function hands on is what it calls where it returns', () => {
    const text =
      '(a) => { if (a) return inner.run(a); const b = () => { return c(); }; return a; }';
    expect(functionsOf(text)(0)?.returned).toEqual(['inner.run', null]);
    expect(functionsOf('(a) => post(a)')(0)).toMatchObject({ isAsync: false, returned: ['post'] });
  });

  test('what is certainly no promise is not handed on', () => {
    const text = `async (a) => {
      const text = a ?? '';
      if (a) return new Failure(text);
      return a ? { text } : new Promise(a);
    }`;
    expect(functionsOf(text)(6)?.returned).toEqual([null]);
    expect(functionsOf('(a) => (a ? a + 1 : [a])')(0)?.returned).toEqual([]);
  });

  test('a generator stands at its yields', () => {
    const sites = functionsOf('async function* rows(a) { yield a; await a; }')(20)?.sites;
    expect(sites?.map(({ kind }) => kind)).toEqual(['yield', 'await']);
  });

  test('what cannot be read gives nothing', () => {
    expect(functionsOf('async (a) => { if (a) {')(6)).toBeNull();
    expect(functionsOf('const a = 1;')(6)).toBeNull();
  });
});
