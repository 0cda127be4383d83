import {
  existsSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { checkOut, makeReportFolder, pointLatestTo } from './folder.ts';

const parent = realpathSync(mkdtempSync(join(tmpdir(), 'report-test-')));
afterAll(() => rmSync(parent, { recursive: true, force: true }));
let out: string;
beforeEach(() => {
  out = mkdtempSync(join(parent, 'out-'));
});
const AT = new Date('2026-03-04T05:06:07.089Z');

describe('checkOut', () => {
  it('makes the folder, however deep', () => {
    checkOut(join(out, 'a', 'b'));
    expect(existsSync(join(out, 'a', 'b'))).toBe(true);
  });

  it('says what is in the way', () => {
    writeFileSync(join(out, 'file'), '');
    expect(() => checkOut(join(out, 'file', 'reports'))).toThrow(/^--out .*file\/reports: /);
  });
});

describe('makeReportFolder', () => {
  it('names the scenario and the time, so that names sort as times do', () => {
    const folder = makeReportFolder(out, 'llm-slow', AT);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(folder).toBe(join(out, 'llm-slow', '2026-03-04T05-06-07-089Z'));
    expect(existsSync(folder)).toBe(true);
  });

  it('gives each of two runs of the same instant its own', () => {
    const folders = [1, 2, 3].map(() => makeReportFolder(out, 'llm-slow', AT));
    expect(new Set(folders).size).toBe(3);
  });
});

describe('pointLatestTo', () => {
  it('points to the newest, by a relative path that survives a move', () => {
    const first = makeReportFolder(out, 'llm-slow', AT);
    const second = makeReportFolder(out, 'upload-burst', AT);
    pointLatestTo(out, first);
    pointLatestTo(out, second);
    expect(realpathSync(join(out, 'latest'))).toBe(second);
    expect(readlinkSync(join(out, 'latest'))).toBe('upload-burst/2026-03-04T05-06-07-089Z');
  });

  it('a scenario called "latest" gets a folder of another name, and never goes through the link', () => {
    const first = makeReportFolder(out, 'llm-slow', AT);
    pointLatestTo(out, first);
    const folder = makeReportFolder(out, 'latest', AT);
    expect(folder).toContain(join(out, 'scenario-latest'));
    pointLatestTo(out, folder);
    expect(realpathSync(join(out, 'latest'))).toBe(folder);
  });

  it.each([
    '..',
    '../../etc',
    'a/b',
    '.hidden',
    '',
  ])('a scenario called "%s" stays below', (name) => {
    const folder = makeReportFolder(out, name, AT);
    expect(relative(out, folder).split('/')).toHaveLength(2);
    expect(relative(out, folder)).not.toMatch(/^\./);
  });
});
