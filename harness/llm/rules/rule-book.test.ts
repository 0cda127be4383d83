import { expect, test } from 'vitest';
import { HanglabError } from '../../platform/errors.ts';
import { type Asked, ruleBook } from './rule-book.ts';
import { checkUpstreams, parseRules, type Rule } from './rules.ts';

const ask = (over: Partial<Asked> = {}): Asked => ({
  operation: 'chat',
  route: 'chat-completions',
  path: '/v1/chat/completions',
  upstream: null,
  model: 'm',
  streamed: false,
  subject: null,
  text: 'words',
  lastText: 'words',
  ...over,
});

/** Which of `asked` the one rule takes, by number from 1. */
function takenBy(when: Rule['when'], asked: readonly Asked[]): number[] {
  const book = ruleBook();
  book.set([{ ...(when && { when }), behaviour: { name: 'b' } }]);
  return asked.flatMap((one, i) => (book.choose(one) ? [i + 1] : []));
}

const ten = Array.from({ length: 10 }, () => ask());

test.each<[Rule['when'], number[]]>([
  [undefined, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  [{ every: 3 }, [3, 6, 9]],
  [{ skip: 7 }, [8, 9, 10]],
  [{ times: 2 }, [1, 2]],
  [{ skip: 4, times: 1 }, [5]],
  [{ skip: 1, every: 3, times: 2 }, [4, 7]],
])('%o takes requests %o of ten', (when, expected) => {
  expect(takenBy(when, ten)).toEqual(expected);
});

test.each<[Rule['when'], Partial<Asked>, Partial<Asked>]>([
  [{ operation: ['embeddings', 'rerank'] }, { operation: 'rerank' }, {}],
  [{ route: 'messages' }, { route: 'messages' }, { route: 'responses' }],
  [{ path: '/v1/*' }, {}, { path: '/api/chat' }],
  [{ path: '/v1/chat/completions' }, {}, { path: '/v1/chat/completions/more' }],
  [{ path: '/a.c' }, { path: '/a.c' }, { path: '/abc' }],
  [{ upstream: 'planner' }, { upstream: 'planner' }, { upstream: null }],
  [{ model: 'large' }, { model: 'large' }, { model: null }],
  [{ stream: true }, { streamed: true }, { streamed: false }],
  [{ stream: false }, { streamed: false }, { streamed: true }],
  [{ lastContains: 'pump' }, { lastText: 'a pump' }, { text: 'a pump', lastText: 'a well' }],
])('%o takes one with %o, and none with %o', (when, taken, left) => {
  expect(takenBy(when, [ask(left), ask(taken)])).toEqual([2]);
});

test('a rule that names a port which the model does not have is refused', () => {
  const rules: Rule[] = [{ when: { upstream: 'planer' }, behaviour: { name: 'x' } }];
  expect(() => checkUpstreams(rules, ['planner'])).toThrow(
    'rules[0].when.upstream: there is no "planer"; this model has planner',
  );
  checkUpstreams(rules, ['planer']);
});

test('only requests that are meant are counted', () => {
  const asked = [
    ask(),
    ask({ operation: 'embeddings' }),
    ask({ text: 'a pump' }),
    ask({ operation: 'embeddings', text: 'a pump' }),
    ask({ operation: 'embeddings', text: 'pump again' }),
  ];
  expect(takenBy({ operation: 'embeddings', contains: 'pump', every: 2 }, asked)).toEqual([5]);
});

test('subjectEvery takes every request of every k-th subject, however they come', () => {
  const subjects = ['a', 'b', 'a', 'c', 'b', 'd', 'd', 'b'];
  expect(
    takenBy(
      { subjectEvery: 2 },
      subjects.map((subject) => ask({ subject })),
    ),
  ).toEqual([2, 5, 6, 7, 8]);
});

test('subjectEvery goes by the text where there is no subject', () => {
  const texts = ['x', 'y', 'x', 'y'];
  expect(
    takenBy(
      { subjectEvery: 2 },
      texts.map((text) => ask({ text })),
    ),
  ).toEqual([2, 4]);
});

test('the first rule that takes a request wins; the next count only what reaches them', () => {
  const book = ruleBook();
  book.set([
    { when: { times: 1 }, behaviour: { name: 'first' } },
    { when: { every: 2 }, behaviour: { name: 'second' } },
  ]);
  expect([1, 2, 3].map(() => book.choose(ask())?.name)).toEqual(['first', undefined, 'second']);
});

test('a rule goes on counting while it stays in force, and begins anew when it is set again', () => {
  const book = ruleBook();
  const once: Rule = { when: { times: 1 }, behaviour: { name: 'once' } };
  const other: Rule = { when: { contains: 'nothing' }, behaviour: { name: 'other' } };
  book.set([other, once]);
  expect(book.choose(ask())?.name).toBe('once');
  book.set([once]);
  expect(book.choose(ask())).toBeNull();
  book.set([once, once]);
  expect([1, 2].map(() => book.choose(ask())?.name)).toEqual(['once', undefined]);
  book.set([]);
  book.set([once]);
  expect(book.choose(ask())?.name).toBe('once');
});

test('bad rules are refused with every problem at once, and the nearest name', () => {
  const input = [
    { behaviour: { name: 'a', tftMs: 5 } },
    { when: { operation: 'chats', every: 0 }, behaviour: {} },
    { behaviour: { name: 'c', finAfterTokens: 1, resetAfterTokens: 2 } },
    { behaviour: { name: 'd', errorCode: 'x' } },
    { behaviour: { name: 'e', heartbeatEveryMs: 50, holdHeaders: true } },
    { behaviour: { name: 'f', answer: 'x', toolCalls: [{ name: 'y' }] } },
    { behaviour: { name: 'g', errorMessage: 'x' } },
  ];
  const error = (() => {
    try {
      return parseRules(input);
    } catch (thrown) {
      return thrown as HanglabError;
    }
  })() as HanglabError;
  expect(error).toBeInstanceOf(HanglabError);
  expect(error.code).toBe('bad-rules');
  const all = error.problems.join('\n');
  expect(all).toContain('rules[0].behaviour: unknown "tftMs"');
  expect(all).toContain('Did you mean "ttftMs"?');
  expect(all).toContain('rules[1].when.operation: ');
  expect(all).toContain('rules[1].when.every: ');
  expect(all).toContain('rules[1].behaviour.name: ');
  expect(all).toContain('rules[2].behaviour: has finAfterTokens and resetAfterTokens');
  expect(all).toContain('rules[3].behaviour: has errorCode without status');
  expect(all).toContain('rules[4].behaviour: has heartbeatEveryMs and holdHeaders');
  expect(all).toContain('rules[5].behaviour: has answer and toolCalls');
  expect(all).toContain('rules[6].behaviour: has errorMessage without status');
});

test('what is no list is refused too', () => {
  expect(() => parseRules({ rules: [] })).toThrow(/rules: /);
});
