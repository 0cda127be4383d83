/** What becomes of an incident: its folder, and those who are told. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readStat } from '../../platform/procfs/process.ts';
import { type Incident, WATCH_SCHEMA } from './incident.ts';
import { postWebhook, runCommand } from './notify.ts';
import { newReport, writeReport } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'watch-incident-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const signal = new AbortController().signal;

const incident: Incident = {
  ...{ schema: WATCH_SCHEMA, at: '2026-01-02T03:04:05.006Z', pid: 7, port: 8080 },
  alarms: [{ kind: 'health-silent', subject: '', sentence: 'the health path is silent' }],
  sentence: 'stuck at $(touch HOSTILE) `touch HOSTILE`; touch HOSTILE',
  ...{ diagnosis: null, why: null, grew: [], folder },
};

describe('a command', () => {
  test('gets what the target has a word in as text, never as a part of itself', async () => {
    const told = join(folder, 'told');
    const command = `cd ${folder}; echo "$HANGLAB_SENTENCE $HANGLAB_CODE $HANGLAB_PID" > told; cat > in`;
    expect(await runCommand(command, incident, signal)).toBeNull();
    expect(readFileSync(told, 'utf8')).toBe(`${incident.sentence} health-silent 7\n`);
    expect(JSON.parse(readFileSync(join(folder, 'in'), 'utf8'))).toEqual(incident);
    expect(existsSync(join(folder, 'HOSTILE'))).toBe(false);
  });

  test('that fails, or reads nothing, is told of', async () => {
    expect(await runCommand('exit 3', incident, signal)).toBe('--exec: exit code 3');
  });

  test('that takes too long is ended with all that it started', async () => {
    const pidFile = join(folder, 'pid');
    const command = `sleep 60 & echo $! > ${pidFile}; wait`;
    const problem = await runCommand(command, incident, signal, 500);
    expect(problem).toBe('--exec: it took longer than 500 ms');
    const state = readStat(Number(readFileSync(pidFile, 'utf8')))?.state ?? 'gone';
    expect(['gone', 'Z']).toContain(state);
  });
});

test('a webhook that nobody answers is told of', async () => {
  expect(await postWebhook('http://127.0.0.1:1/', incident, signal)).toMatch(
    /^--webhook: .*(ECONNREFUSED|bad port)/,
  );
});

test('reports are for their owner only, and the oldest go', () => {
  const options = { out: join(folder, 'reports'), keep: 2 };
  const names = [1, 2, 3].map((second) => {
    const report = newReport(options, new Date(Date.UTC(2026, 0, 1, 0, 0, second)));
    writeReport(options, { ...incident, folder: report }, null, []);
    expect(statSync(report).mode & 0o777).toBe(0o700);
    expect(statSync(join(report, 'incident.json')).mode & 0o777).toBe(0o600);
    return report.split('/').at(-1);
  });
  expect(readdirSync(join(options.out, 'watch')).sort()).toEqual(names.slice(1));
});
