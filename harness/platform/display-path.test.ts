import { expect, test } from 'vitest';
import { displayPath } from './display-path.ts';

test.each([
  ['/tmp/server.js', '/tmp', 'server.js'],
  ['/tmp/a/server.js', '/tmp', 'a/server.js'],
  ['/var/tmp/server.js', '/tmp', '/var/tmp/server.js'],
  ['/srv/tmp/server.js', '/tmp', '/srv/tmp/server.js'],
  ['/usr/src/app/server.js', '/app', '/usr/src/app/server.js'],
  ['/application/server.js', '/app', '/application/server.js'],
  ['/app/..hidden/server.js', '/app', '..hidden/server.js'],
  ['/var/server.js', '/', '/var/server.js'],
  ['/tmp', '/tmp', '/tmp'],
  ['node:internal/timers', '/tmp', 'node:internal/timers'],
  ['http://127.0.0.1/server.js', '/', 'http://127.0.0.1/server.js'],
])('%s seen from %s is %s', (path, directory, shown) => {
  expect(displayPath(path, directory)).toBe(shown);
});
