import { expect, test } from 'vitest';
import { isLoopback } from './loopback.ts';

test.each([
  'localhost',
  'LOCALHOST',
  '127.0.0.1',
  '127.1.2.3',
  '::1',
  '[::1]',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
])('%s is', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each([
  '127.evil.com',
  'localhost.evil.com',
  '127.0.0.1.evil.com',
  '1270.0.0.1',
  '0.0.0.0',
  '10.0.0.1',
  '::2',
  '::ffff:10.0.0.1',
  '',
])('%s is not', (host) => {
  expect(isLoopback(host)).toBe(false);
});

test('what stands before an @ is not the host', () => {
  expect(isLoopback(new URL('http://localhost@evil.com/').hostname)).toBe(false);
});
