/** Folders of runs for the tests of pages: a recorded one, and made ones of any size and text. */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { random } from '../platform/random.ts';

const RECORDED = fileURLToPath(new URL('fixtures/deadlocked-run', import.meta.url));

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'hanglab-page-'));
}

/** A copy of the recorded run of upload-burst with its deadlock. */
export function recordedRun(): string {
  const folder = temporaryFolder();
  cpSync(RECORDED, folder, { recursive: true });
  return folder;
}

export interface MadeRun {
  requests: number;
  durationMs: number;
  /** Stands in every text that a target or a user may choose. */
  text?: string;
}

/** The folder of a run with as many requests, two of them stuck, and every kind of event. */
export function madeRun({ requests, durationMs, text = 'plain' }: MadeRun): string {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const lines = eventsOf(requests, durationMs, text)
    .toSorted((a, b) => a.t - b.t)
    .map((event) => JSON.stringify(event));
  writeFileSync(join(folder, 'history.ndjson'), `${lines.join('\n')}\n`);
  writeFileSync(
    join(folder, 'target.log'),
    `${text}\n{"time":1795814628172,"msg":${JSON.stringify(text)}}\n`,
  );
  writeJson(folder, 'scenario.json', {
    ...{ scenario: text, defect: text, seed: 7, scale: 1, toxiproxy: 'embedded', documents: null },
    ...{ why: text, startedAt: '2026-11-27T21:23:46.631Z' },
    machine: [{ name: 'Kernel', value: text }],
  });
  writeJson(folder, 'verdict.json', verdictOf(durationMs, text));
  return folder;
}

type MadeEvent = { t: number; kind: string } & Record<string, unknown>;

function eventsOf(requests: number, durationMs: number, text: string): MadeEvent[] {
  const at = (share: number): number => Math.round(share * durationMs);
  const { next: draw } = random(7);
  const limits = { requestMs: 2000, healthMs: 250 };
  const fault = { kind: 'fault', fault: text };
  const events: MadeEvent[] = [
    { t: 0, kind: 'run', scenario: text, target: text, defect: text, seed: 7, limits },
    ...['warmup', 'baseline', 'fault', 'recovery', 'quiesce'].map((phase, i) => ({
      ...{ t: at(0.02 + i * 0.19), kind: 'phase', phase },
    })),
    { t: at(0.4), ...fault, event: 'injected', detail: text },
    { t: at(0.45), ...fault, event: 'took-effect', detail: text },
    { t: at(0.59), ...fault, event: 'healed', detail: null },
    { t: at(0.5), kind: 'note', text },
    { t: at(0.51), kind: 'harness-trouble', part: text, message: text },
    { t: at(0.52), kind: 'ready', status: 503, good: false, reasons: [text], latencyMs: 3 },
    { t: at(0.55), kind: 'look', event: 'begun' },
    { t: at(0.58), kind: 'look', event: 'ended' },
    { t: at(0.6), kind: 'link', link: text, openConnections: 4, connections: 9, bytes: 100 },
    { t: at(0.7), kind: 'link', link: text, openConnections: 2, connections: 12, bytes: 90_000 },
    { t: at(0.99), kind: 'target-exit', code: 1, signal: null, expected: false, lines: [text] },
  ];
  for (let id = 1; id <= requests; id++) {
    const t = at(0.02 + (0.9 * id) / requests);
    const operation = id % 3 === 0 ? text : `operation ${id % 3}`;
    const request = { id, operation, operationKind: 'write', subject: text, group: text };
    events.push({ t, kind: 'request', ...request });
    if (id === 2 || id === Math.ceil(requests / 2)) continue;
    const tookMs = 10 + Math.floor(draw() * (id % 50 === 0 ? 2500 : 200));
    const end = { outcome: id % 40 === 0 ? 'failed' : 'ok', status: 200, durationMs: tookMs };
    const acknowledged = `${text} ${id}`;
    const endT = Math.min(durationMs, t + tookMs);
    events.push({ t: endT, kind: 'request-end', id, ...end, detail: text, acknowledged });
    if (id % 2 === 0) continue;
    const call = {
      kind: 'model-start',
      id,
      upstream: text,
      operation: 'chat',
      subject: acknowledged,
    };
    events.push({ t: t + 1, ...call });
    const ended = { ending: 'complete', status: 200, bytes: 10, tokens: 3 };
    events.push({ t: Math.max(t + 2, endT - 2), kind: 'model-end', id, ...ended });
  }
  for (let t = at(0.02); t < durationMs; t += 50) {
    const probe = { intendedT: t, answered: true, status: 200, good: true };
    const times = { latencyMs: 2 + draw() * 10, controlMs: 1 + draw() * 3 };
    events.push({ t: t + 5, kind: 'health', ...probe, ...times });
  }
  for (let t = at(0.02); t < durationMs; t += 500) {
    const counts = { fds: 30 + (t % 7), threads: 12, children: 1, rssBytes: 2e8 + t * 1000 };
    const shares = { waitPercent: 1, stealPercent: 2, foreignPercent: 3 };
    const cpu = { cpuMs: t / 4, mainThreadCpuMs: t / 5, state: 'S', costMs: 1 };
    events.push({ t, kind: 'process', alive: true, pids: [1], ...counts, ...shares, ...cpu });
    const progress = { open: 3, done: Math.floor(t / 100), givenUp: 1 };
    events.push({ t, kind: 'progress', progress, latencyMs: 1 });
  }
  for (const t of [at(0.1), at(0.3), at(0.97)]) {
    const queue = { receiveQueueBytes: t, sendQueueBytes: 0 };
    events.push({
      ...{ t, kind: 'resources', costMs: 1, temporary: { files: 1, bytes: t } },
      fdsByKind: { [text]: t, file: 3 },
      fdsByPath: { [text]: t },
      sockets: [{ peer: text, state: text, count: 1 + (t % 5), ...queue }],
      threads: [{ name: text, count: t }],
    });
  }
  for (const t of [at(0.1), at(0.3), at(0.97)]) {
    events.push({ t: t - 1, kind: 'tasks', count: 4, latencyMs: 1 });
    events.push({ t, kind: 'level', what: text, count: t % 5 });
    const traffic = { openConnections: 2, connections: 1, bytes: t };
    events.push({ t, kind: 'link', link: text, ...traffic });
  }
  return events;
}

function verdictOf(durationMs: number, text: string): unknown {
  const place = { function: text, file: `${text}.ts`, line: 3, column: 1 };
  const wait = { ...place, count: 2, ageMs: 5000, waitsFor: text, chain: [place, place] };
  const quantity = { value: 5000, unit: 'ms' };
  const finding = {
    phase: 'fault',
    message: text,
    measured: quantity,
    limit: { ...quantity, value: 3000 },
  };
  return {
    ...{ name: text, defect: text, verdict: 'fail', durationMs, attempts: 2, diagnosisMs: 900 },
    findings: [
      { check: 'progress', verdict: 'fail', ...finding },
      { check: 'health', verdict: 'pass', ...finding, limit: { value: 250, unit: 'ms' } },
      { check: 'fds-back', verdict: 'fail', ...finding, known: true, reason: text },
    ],
    failedAtMs: { progress: durationMs * 0.5 },
    toxiproxy: { provider: text, version: text },
    historyError: text,
    diagnosis: {
      ...{ schema: 'hanglab.diagnose/1', pid: 1, code: 'deadlock', sentence: text, decided: true },
      helps: text,
      where: [{ ...wait, locals: [{ name: text, value: text }] }],
      holder: { kind: 'function', sentence: text, where: { ...place, line: 9 } },
      evidence: [text],
      ruledOut: [{ code: 'crashed', because: text }],
      costMs: { frozen: 100, total: 900 },
    },
    excerpts: [{ function: text, file: text, line: 2, firstLine: 1, lines: [text, text, text] }],
  };
}

function writeJson(folder: string, name: string, value: unknown): void {
  writeFileSync(join(folder, name), JSON.stringify(value));
}
