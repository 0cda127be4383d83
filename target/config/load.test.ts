import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HanglabError } from '../../harness/platform/errors.ts';
import { runToEnd } from '../testing/target.ts';
import { loadConfig } from './load.ts';

const URLS = ['--model-url', 'http://127.0.0.1:9/v1/', '--embeddings-url', 'http://127.0.0.1:9/v1'];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hanglab-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (content: string): string => {
  const path = join(folder, 'config.json');
  writeFileSync(path, content);
  return path;
};

const problemsOf = (flags: string[], environment: Record<string, string> = {}) => {
  try {
    loadConfig({ flags, environment });
  } catch (error) {
    return (error as HanglabError).problems.join('\n');
  }
  throw new Error('accepted');
};

test('flags go before the environment, and that before the file', () => {
  const config = file('{"attemptMs": 700, "requestMs": 5000, "graceMs": 900}');
  const loaded = loadConfig({
    flags: [...URLS, '--config', config, '--request-ms=4000'],
    environment: { TARGET_REQUEST_MS: '3000', TARGET_GRACE_MS: '800', TARGET_BRANCH: 'main' },
  });
  expect(loaded.config).toMatchObject({ attemptMs: 700, requestMs: 4000, graceMs: 800 });
  expect(loaded.config.modelUrl).toBe('http://127.0.0.1:9/v1');
});

test('all problems are reported at once, with the nearest name and the source of each', () => {
  const path = file('{"atemptMs": 3}');
  const problems = problemsOf(
    ['--embeddings-url', 'ftp://x', '--config', path, '--idle', '3', '--permits', '0', 'loose'],
    { TARGET_GRACE_M: '4', TARGET_SEED: 'abc' },
  );
  expect(problems).toContain('Did you mean "attemptMs"?');
  expect(problems).toContain('--idle is not a flag of this server. Did you mean "--idle-ms"?');
  expect(problems).toContain('TARGET_GRACE_M is unknown. Did you mean "TARGET_GRACE_MS"?');
  expect(problems).toMatch(/TARGET_SEED: .*number/);
  expect(problems).toMatch(/--permits: .*>=1/);
  expect(problems).toMatch(/--model-url is missing/);
  expect(problems).toMatch(/--embeddings-url: .*URL/);
  expect(problems).toContain('"loose" stands alone');
});

test('limits that contradict each other are refused', () => {
  expect(problemsOf([...URLS, '--idle-ms', '1200'])).toContain('must be below attemptMs');
  expect(problemsOf([...URLS, '--attempt-ms', '2001'])).toContain('must not be above requestMs');
});

test('a URL with a password in it is refused: it would be printed', () => {
  const url = 'http://me:secret@127.0.0.1/v1';
  const problems = problemsOf(['--model-url', url, '--embeddings-url', url]);
  expect(problems).toContain('use apiKey');
  expect(problems).not.toContain('secret');
});

test('a config file that is missing, or not an object, is a problem like any other', () => {
  expect(problemsOf([...URLS, '--config', join(folder, 'nowhere')])).toContain('cannot be read');
  expect(problemsOf([...URLS, '--config', file('[]')])).toContain('one JSON object');
});

test('the process says no without a stack trace, with exit code 3', async () => {
  const wrong = await runToEnd(['--prot', '1']);
  expect(wrong).toMatchObject({ code: 3, stdout: '' });
  expect(wrong.stderr).toContain('Did you mean "--port"?');
  expect(wrong.stderr).not.toMatch(/^\s+at /m);

  const defect = await runToEnd(URLS, { TARGET_DEFECT: 'no-attempt-deadlin' });
  expect(defect.code).toBe(3);
  expect(defect.stderr).toContain('Did you mean "no-attempt-deadline"?');
  expect(defect.stderr).not.toMatch(/^\s+at /m);

  const data = await runToEnd([...URLS, '--data', '/proc/nowhere']);
  expect(data.code).toBe(3);
  expect(data.stderr).toMatch(/^cannot-start: /);
});
