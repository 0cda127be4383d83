import { describe, expect, test } from 'vitest';
import { redact, redactValue, redactWithin } from './redact.ts';

test.for([
  ['curl https://me:pw1@host/a?x=pw1#pw1 -o b', 'curl https://host/a?(not shown) -o b'],
  ['serve --api-key pw1 --port 80', 'serve --api-key (not shown) --port 80'],
  ['serve --api_key=pw1 --quiet', 'serve --api_key=(not shown) --quiet'],
  ['sh -c PGPASSWORD="pw1 pw1" psql', 'sh -c PGPASSWORD=(not shown) psql'],
  ['curl -H Authorization: Bearer pw1 x', 'curl -H Authorization: (not shown) x'],
  ['{"password":"pw1","a":1}', '{"password":(not shown),"a":1}'],
  ['GET /feed?page=2&access_token=pw1', 'GET /feed?page=2&access_token=(not shown)'],
  [
    'nobody holds tokens: whoever had one has ended',
    'nobody holds tokens: whoever had one has ended',
  ],
  ['its limit has passed: look again', 'its limit has passed: look again'],
  ['DB_PASS=pw1 X_AUTH=pw1 authors: me', 'DB_PASS=(not shown) X_AUTH=(not shown) authors: me'],
  ['curl -u me:pw1 x', 'curl -u (not shown) x'],
  ['ask sk-pw1pw1pw1', 'ask (not shown)'],
  ['-----BEGIN PRIVATE KEY-----\npw1pw1', '(not shown)'],
  ['python3 /home/alice/app/main.py', 'python3 ~/app/main.py'],
  ['at handle (/root/app/main.js:3)', 'at handle (~/app/main.js:3)'],
  ['node /srv/authors/keys.js --max 4', 'node /srv/authors/keys.js --max 4'],
  ['a\u001b[31m\nb', 'a?[31m?b'],
  ['safe\u202etxt.exe', 'safe?txt.exe'],
])('%s', ([text, shown]) => {
  expect(redact(text as string)).toBe(shown);
});

describe('of a JSON value', () => {
  test('all texts, however deep, and the names of fields', () => {
    const facts = { files: { '/home/alice/a.log': 2 }, locals: [{ value: 'Bearer pw1pw1' }], n: 3 };
    expect(redactWithin(facts)).toEqual({
      files: { '~/a.log': 2 },
      locals: [{ value: 'Bearer (not shown)' }],
      n: 3,
    });
  });

  test('twice is as once', () => {
    const text = 'curl -H Authorization: Bearer pw1 https://me:pw1@host/?a=b --token pw1';
    expect(redact(redact(text))).toBe(redact(text));
  });
});

test('a variable that is named for a secret does not show its value', () => {
  expect(redactValue('apiKey', '12345')).toBe('(not shown)');
  expect(redactValue('row', 'Bearer 12345')).toBe('Bearer (not shown)');
  expect(redactValue('row', '12345')).toBe('12345');
});
