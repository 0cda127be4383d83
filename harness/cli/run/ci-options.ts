/** The options of `run` that a build server needs. */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { toMs } from '../../platform/duration.ts';
import { messageOf } from '../../platform/errors.ts';
import { type Baseline, parseBaseline } from '../../report/baseline/baseline.ts';
import { type KnownFailure, readKnownFailures } from '../../report/ci/known-failures.ts';
import { scenarioNameOf, scenarioNames } from '../../scenario/catalogue.ts';
import { parseInteger } from '../shared/parse-integer.ts';

export interface RawCiOptions {
  junit?: string;
  knownFailures?: string;
  retryInconclusive?: string;
  timeout?: string;
  keep?: string;
  otlp?: string;
  baseline?: string;
  saveBaseline?: string;
}

export interface CiSettings {
  /** Where the JUnit XML goes. */
  junit: string | null;
  known: readonly KnownFailure[];
  /** How often an inconclusive scenario is run again. */
  retries: number;
  /** For all scenarios together; null: without a limit. */
  timeoutMs: number | null;
  /** How many run folders of each scenario stay; null: all. */
  keep: number | null;
  /** Where spans go; null: nowhere. */
  otlp: string | null;
  /** What this run is compared with; null: nothing. */
  baseline: Baseline | null;
  /** The file that gets the verdicts and numbers of this run. */
  saveBaseline: string | null;
}

export function addCiOptions(command: Command): Command {
  return command
    .option('--junit <file>', 'write JUnit XML: a testsuite a scenario, a testcase a check')
    .option(
      '--known-failures <file>',
      'failures that do not break the build, one a line: `scenario [+ defect] check  # reason`',
    )
    .option('--retry-inconclusive <n>', 'run an inconclusive scenario again, up to so many times')
    .option('--timeout <duration>', 'what is not done by then, all together, is inconclusive')
    .option('--keep <n>', 'remove all but the newest so many reports of each scenario')
    .option('--otlp <url>', 'send requests and faults as spans to this OpenTelemetry collector')
    .option('--baseline <file>', 'mention what differs from the runs in this file')
    .option('--save-baseline <file>', 'add the verdicts and numbers of this run to this file');
}

/**
 * @param given the scenarios of this run, names or files; what is wrong goes to `report`.
 * @param variants the variants of the target.
 */
export function parseCiOptions(
  raw: RawCiOptions,
  given: readonly string[],
  variants: readonly string[],
  report: (problem: string | null) => void,
): CiSettings {
  const names = {
    scenarios: [...new Set([...scenarioNames(), ...given.map(scenarioNameOf)])],
    defects: variants,
  };
  if (raw.junit !== undefined) report(unwritable('--junit', raw.junit));
  if (raw.otlp !== undefined) report(notAnEndpoint(raw.otlp));
  return {
    junit: raw.junit ?? null,
    known:
      raw.knownFailures === undefined ? [] : readKnownFailures(raw.knownFailures, names, report),
    retries:
      raw.retryInconclusive === undefined
        ? 0
        : parseInteger('--retry-inconclusive', raw.retryInconclusive, 0, 100, report),
    timeoutMs: raw.timeout === undefined ? null : timeoutOf(raw.timeout, report),
    keep: raw.keep === undefined ? null : parseInteger('--keep', raw.keep, 1, 100_000, report),
    otlp: raw.otlp ?? null,
    baseline: raw.baseline === undefined ? null : baselineOf('--baseline', raw.baseline, report),
    saveBaseline: raw.saveBaseline === undefined ? null : savedTo(raw.saveBaseline, report),
  };
}

/** Found out before anything runs: a result that cannot be written down would be lost. */
function unwritable(flag: string, file: string): string | null {
  const folder = dirname(resolve(file));
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    const there = statSync(file, { throwIfNoEntry: false });
    return there?.isDirectory() ? `${flag} ${file}: that is a folder, expected a file` : null;
  } catch (error) {
    return `${flag} ${file}: ${messageOf(error)}`;
  }
}

function notAnEndpoint(text: string): string | null {
  const protocol = URL.parse(text)?.protocol ?? '';
  if (/^https?:$/.test(protocol)) return null;
  return `--otlp ${text}: expected the URL of a collector, like http://127.0.0.1:4318`;
}

function baselineOf(
  flag: string,
  file: string,
  report: (problem: string) => void,
): Baseline | null {
  try {
    const baseline = parseBaseline(readFileSync(file, 'utf8'));
    if (typeof baseline !== 'string') return baseline;
    report(`${flag} ${file}: ${baseline}`);
  } catch (error) {
    report(`${flag} ${file}: ${messageOf(error)}`);
  }
  return null;
}

/** The file may not be there yet; what is there must be a baseline, and no other file is written over. */
function savedTo(file: string, report: (problem: string | null) => void): string {
  const problem = unwritable('--save-baseline', file);
  report(problem);
  if (problem === null && existsSync(file)) baselineOf('--save-baseline', file, report);
  return file;
}

function timeoutOf(text: string, report: (problem: string) => void): number {
  try {
    const ms = toMs(text);
    if (ms === 0) report('--timeout: expected more than 0');
    return ms;
  } catch (error) {
    report(`--timeout: ${messageOf(error)}`);
    return 0;
  }
}
