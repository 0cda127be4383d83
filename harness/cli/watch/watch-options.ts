/** The options of `watch`, checked all at once before anything is read of a process. */
import { healthUrlProblem } from '../../diagnosis/outside/health-url.ts';
import { toMs } from '../../platform/duration.ts';
import { messageOf } from '../../platform/errors.ts';
import { checkOut } from '../../report/folder.ts';
import type { WatchSettings } from '../../watch/settings.ts';
import { usageError } from '../run/run-options.ts';
import { parseInteger } from '../shared/parse-integer.ts';

export interface RawWatchOptions {
  pid?: string;
  port?: string;
  health?: string;
  healthLimit: string;
  requestLimit?: string;
  standsStill: string;
  window: string;
  apart: string;
  statusEvery: string;
  for?: string;
  exec?: string;
  webhook?: string;
  heap?: boolean;
  inject?: boolean;
  keep: string;
  out: string;
  dryRun?: boolean;
  json?: boolean;
}

export const DEFAULTS = {
  healthLimit: '5s',
  standsStill: '30s',
  window: '5m',
  apart: '10m',
  statusEvery: '10m',
  keep: '20',
  out: 'reports',
} as const;

/** Connections are accepted by the kernel's queue in one turn of a loop: that it stays full says more, earlier. */
const ACCEPT_LIMIT_MS = 10_000;
const MAX_PID = 2 ** 22;
const MAX_PORT = 65_535;

export interface ParsedWatch {
  settings: WatchSettings;
  statusEveryMs: number;
}

/** @throws HanglabError `bad-usage` with every problem at once, `out-not-writable`. */
export function parseWatchOptions(raw: RawWatchOptions): ParsedWatch {
  const problems: string[] = [];
  const report = (problem: string | null): void => {
    if (problem) problems.push(problem);
  };
  const time = (flag: string, text: string, leastMs = 1): number => {
    try {
      const ms = toMs(text);
      if (ms < leastMs) report(`${flag} ${text}: expected ${leastMs} ms or more`);
      return ms;
    } catch (error) {
      report(`${flag}: ${messageOf(error)}`);
      return leastMs;
    }
  };
  const optional = (flag: string, text: string | undefined, leastMs?: number): number | null =>
    text === undefined ? null : time(flag, text, leastMs);
  if ((raw.pid === undefined) === (raw.port === undefined)) {
    report('expected either --pid N or --port P');
  }
  const wanted =
    raw.port === undefined
      ? { pid: raw.pid === undefined ? 0 : parseInteger('--pid', raw.pid, 1, MAX_PID, report) }
      : { port: parseInteger('--port', raw.port, 1, MAX_PORT, report) };
  if (raw.health !== undefined) report(healthUrlProblem(raw.health));
  if (raw.webhook !== undefined) report(webhookProblem(raw.webhook));
  const settings: WatchSettings = {
    wanted,
    healthUrl: raw.health ?? null,
    // Samples are a second apart: what is less cannot be told.
    healthLimitMs: time('--health-limit', raw.healthLimit, 2000),
    requestLimitMs: optional('--request-limit', raw.requestLimit),
    acceptLimitMs: ACCEPT_LIMIT_MS,
    unreadLimitMs: time('--stands-still', raw.standsStill, 10_000),
    windowMs: time('--window', raw.window, 1000),
    apartMs: time('--apart', raw.apart),
    forMs: optional('--for', raw.for),
    report: { out: raw.out, keep: parseInteger('--keep', raw.keep, 1, 10_000, report) },
    command: raw.exec ?? null,
    webhook: raw.webhook ?? null,
    heap: raw.heap ?? false,
    inject: raw.inject ?? false,
  };
  const statusEveryMs = time('--status-every', raw.statusEvery, 1000);
  if (problems.length > 0) throw usageError(problems);
  if (!raw.dryRun) checkOut(raw.out);
  return { settings, statusEveryMs };
}

function webhookProblem(text: string): string | null {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return null;
  return `--webhook ${text}: expected a URL, like https://example.org/hook`;
}
