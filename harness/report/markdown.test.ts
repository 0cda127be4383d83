import { expect, test } from 'vitest';
import { cell, codeSpan, fence } from './markdown.ts';

test.each([
  ['a | b', 'a \\| b'],
  ['a\\|b', 'a\\\\\\|b'],
  ['`x` *y* _z_', '\\`x\\` \\*y\\* \\_z\\_'],
  ['<img src=x onerror=y>', '&lt;img src=x onerror=y\\>'],
  ['![a](http://x)', '\\!\\[a\\](http:<!-- -->//x)'],
  ['ask @somebody', 'ask @<!-- -->somebody'],
  ['one\ntwo\t three', 'one two three'],
])('a cell shows %j as text', (text, shown) => {
  expect(cell(text)).toBe(shown);
});

test('code keeps its ticks, and its bars leave the table whole', () => {
  expect(codeSpan('a | b')).toBe('`a \\| b`');
  expect(codeSpan('a `b` c')).toBe('``a `b` c``');
  expect(codeSpan('`a`')).toBe('`` `a` ``');
});

test('nothing in a fence can close it', () => {
  expect(fence('plain')).toEqual(['```', 'plain', '```']);
  expect(fence('a\n```\n# b\n`````')).toEqual(['``````', 'a\n```\n# b\n`````', '``````']);
});
