import { describe, expect, it } from 'vitest';
import { didYouMean, EXIT, HanglabError, messageOf } from './errors.ts';

describe('didYouMean', () => {
  const known = ['upload-burst', 'llm-slow', 'llm-goes-silent'];

  it.each([
    ['uplod-burst', 'upload-burst'],
    ['llm-slwo', 'llm-slow'],
    ['silent', 'llm-goes-silent'],
    ['UPLOAD-BURST', 'upload-burst'],
  ])('%s is %s', (given, nearest) => {
    expect(didYouMean(given, known)).toBe(` Did you mean "${nearest}"?`);
  });

  it.each(['', 'x', 'something-else-entirely'])('says nothing about "%s"', (given) => {
    expect(didYouMean(given, known)).toBe('');
  });

  it('says nothing where nothing is known', () => {
    expect(didYouMean('a', [])).toBe('');
  });
});

describe('HanglabError', () => {
  it('is bad usage unless it says otherwise', () => {
    const error = new HanglabError('bad-thing', 'it is bad');
    expect(error).toMatchObject({ code: 'bad-thing', exitCode: EXIT.usage, problems: [] });
    expect(error).toBeInstanceOf(Error);
  });

  it('carries every problem, its exit code and its cause', () => {
    const cause = new Error('why');
    const error = new HanglabError('no-go', 'no', {
      exitCode: EXIT.cannotRunHere,
      problems: ['a', 'b'],
      cause,
    });
    expect(error).toMatchObject({ exitCode: 4, problems: ['a', 'b'], cause });
  });
});

it('messageOf tells of whatever was thrown', () => {
  expect([new Error('a'), 'b', undefined, { c: 1 }].map(messageOf)).toEqual([
    'a',
    'b',
    'undefined',
    '[object Object]',
  ]);
});
