/** What a run's folder holds, read back: its plan, its verdict, its log, the names of its files. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, Verdict } from '../../checks/check.ts';
import type { CheckId } from '../../checks/check-ids.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { HanglabError } from '../../platform/errors.ts';
import { redact } from '../../platform/redact.ts';
import type { Excerpt, Fact, LogLine, PageFile } from '../page/page-data.ts';
import type { RunSettings } from '../repro.ts';

/** `scenario.json`: what was planned. */
export interface RunPlan extends RunSettings {
  why: string;
  startedAt: string;
  /** Absent in folders of older versions. */
  machine?: Fact[];
}

/** `verdict.json`: the entry of `hanglab.run/1`, and what only a page needs. */
export interface RunVerdict {
  /** The scenario's; the plan has what was given, which may be a file. */
  name?: string;
  verdict: Verdict | null;
  /** Why there is no verdict. */
  message?: string;
  durationMs?: number;
  findings?: FindingJson[];
  diagnosis?: Diagnosis | null;
  diagnosisMs?: number;
  attempts?: number;
  toxiproxy?: { provider: string; version: string };
  failedAtMs?: Partial<Record<CheckId, number>>;
  historyError?: string | null;
  excerpts?: Excerpt[];
}

type FindingJson = Omit<Finding, 'known'> & { known?: true; reason?: string };

const MAX_LOG_BYTES = 32_000;
const MAX_LOG_LINES = 120;

/** @throws HanglabError `no-such-run` when `folder` is not the folder of a run. */
export function readPlan(folder: string): RunPlan {
  const plan = readJson<RunPlan>(join(folder, 'scenario.json'));
  if (plan && typeof plan.scenario === 'string') return plan;
  throw new HanglabError(
    'no-such-run',
    `${folder} is not the folder of a run: it has no scenario.json`,
  );
}

/** null while the run goes on, or when it was killed. */
export function readVerdict(folder: string): RunVerdict | null {
  return readJson<RunVerdict>(join(folder, 'verdict.json'));
}

export function findingsOf({ findings = [] }: RunVerdict): Finding[] {
  return findings.map(({ known, reason, ...finding }) => ({
    ...finding,
    ...(known ? { known: reason ?? '' } : {}),
  }));
}

function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** The end of `target.log`, without secrets; a line that says when it was written gets its time in the run. */
export function readLog(folder: string, startedAt: string | null): LogLine[] {
  const startedMs = startedAt === null ? Number.NaN : Date.parse(startedAt);
  return tailOf(join(folder, 'target.log'), MAX_LOG_BYTES)
    .split('\n')
    .filter((line) => line !== '')
    .slice(-MAX_LOG_LINES)
    .map((line) => ({ t: timeOf(line, startedMs), text: redact(line) }));
}

function tailOf(file: string, bytes: number): string {
  try {
    const { size } = statSync(file);
    const descriptor = openSync(file, 'r');
    try {
      const buffer = Buffer.alloc(Math.min(size, bytes));
      const length = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
      const text = buffer.toString('utf8', 0, length);
      // The first line is cut off where the file is longer.
      return size > bytes ? text.slice(text.indexOf('\n') + 1) : text;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

const EPOCH_FIELD = /"(?:time|timestamp|ts)":\s*(\d{13})\b/;
const ISO_TIME = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)\b/;

function timeOf(line: string, startedMs: number): number | null {
  const epoch = EPOCH_FIELD.exec(line)?.[1];
  const iso = epoch ? null : ISO_TIME.exec(line)?.[0];
  const atMs = epoch ? Number(epoch) : iso ? Date.parse(iso.replace(' ', 'T')) : Number.NaN;
  const t = Math.round(atMs - startedMs);
  return Number.isFinite(t) && t >= 0 ? t : null;
}

const FILES: Readonly<Record<string, string>> = {
  'history.ndjson': 'every event of the run',
  'trace.json': 'the run for ui.perfetto.dev',
  'verdict.json': 'verdict, findings and diagnosis',
  'summary.md': 'the findings as Markdown',
  'scenario.json': 'what was planned',
  'repro.sh': 'runs the same plan again',
  'target.log': 'what the target printed',
  'facts.json': 'what the diagnosis was built from',
};

/** The files beside the page, the best known first. */
export function filesOf(folder: string): PageFile[] {
  const there = new Set(readdirSync(folder));
  return Object.entries(FILES)
    .filter(([name]) => there.has(name))
    .map(([name, about]) => ({ name, about, bytes: statSync(join(folder, name)).size }));
}
