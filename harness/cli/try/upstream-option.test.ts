/** The variables that lead to an upstream, and what becomes of them. */
import { expect, it } from 'vitest';
import { httpUpstreams, overLinks, parseUpstream } from './upstream-option.ts';

const linked = (option: string, environment: Record<string, string> = {}) =>
  overLinks(
    parseUpstream(option, (problem) => expect.fail(problem)),
    environment,
  );

it('a variable keeps all but the address', () => {
  const given = { DB: 'postgres://me:pw@localhost:5432/db', OTHER: 'http://localhost:54321' };
  expect(linked('db=127.0.0.1:5432', given)).toMatchObject([
    { variable: 'DB', value: 'postgres://me:pw@${db}/db' },
  ]);
});

it.for([
  ['x=127.0.0.1:7071=X_URL', 'http://${x}'],
  ['x=127.0.0.1:7071=X_HOST', '${x}'],
  ['x=127.0.0.1:6379=REDIS_URL', 'redis://${x}'],
  ['x=127.0.0.1:5432=DATABASE_URL', 'postgresql://${x}'],
] as const)('one that is not set gets what its name asks for: %s', ([option, value]) => {
  expect(linked(option)).toMatchObject([{ value, from: null }]);
});

it('one behind a URL of plain HTTP speaks HTTP', () => {
  const names = (option: string, environment = {}) => [
    ...httpUpstreams(linked(option, environment)),
  ];
  expect(names('x=127.0.0.1:7071=X_URL')).toEqual(['x']);
  expect(names('x=127.0.0.1:7071', { X: 'http://localhost:7071/v1' })).toEqual(['x']);
  expect(names('x=127.0.0.1:7071=X_URL', { X_URL: 'https://127.0.0.1:7071' })).toEqual([]);
  expect(names('x=127.0.0.1:6379=REDIS_URL')).toEqual([]);
});
