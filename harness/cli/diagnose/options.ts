/** The options of `diagnose`, checked all at once before anything is done to a process. */
import type { DiagnoseOptions } from '../../diagnosis/index.ts';
import { healthUrlProblem } from '../../diagnosis/outside/health-url.ts';
import { toMs } from '../../platform/duration.ts';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import { readStat } from '../../platform/procfs/process.ts';
import { processListeningOn } from '../../platform/procfs/sockets.ts';
import { usageError } from '../run/run-options.ts';
import { parseInteger } from '../shared/parse-integer.ts';

export interface RawDiagnoseOptions {
  pid?: string;
  port?: string;
  health?: string;
  requestLimit?: string;
  heap?: boolean;
  inject?: boolean;
  saveFacts?: string;
  facts?: string;
  json?: boolean;
}

export type Parsed = { factsFile: string } | { options: DiagnoseOptions };

const MAX_PID = 2 ** 22;
const MAX_PORT = 65_535;

/**
 * @param number what was given without a flag.
 * @throws HanglabError `bad-usage` with every problem at once; `nobody-listens`.
 */
export function parseDiagnoseOptions(number: string | undefined, raw: RawDiagnoseOptions): Parsed {
  const problems: string[] = [];
  const report = (problem: string | null): void => {
    if (problem) problems.push(problem);
  };
  if (number !== undefined) report(meant(number));
  if (raw.facts !== undefined) {
    const others = (['pid', 'port', 'health', 'inject', 'heap', 'requestLimit'] as const).filter(
      (name) => raw[name] !== undefined,
    );
    if (others.length > 0) report('--facts judges a file: it goes with no process and no URL');
    if (problems.length > 0) throw usageError(problems);
    return { factsFile: raw.facts };
  }
  if (number === undefined && (raw.pid === undefined) === (raw.port === undefined)) {
    report('expected either --pid N or --port P');
  }
  const pid = raw.pid === undefined ? null : parseInteger('--pid', raw.pid, 1, MAX_PID, report);
  const port =
    raw.port === undefined ? null : parseInteger('--port', raw.port, 1, MAX_PORT, report);
  if (raw.health !== undefined) report(healthUrlProblem(raw.health));
  const requestLimitMs = raw.requestLimit === undefined ? null : limit(raw.requestLimit, report);
  if (problems.length > 0) throw usageError(problems);
  const found = pid ?? processListeningOn(port as number);
  if (found === null) {
    throw new HanglabError('nobody-listens', `no process of this machine listens on port ${port}`);
  }
  return {
    options: {
      pid: found,
      ...(port !== null && { port }),
      ...(raw.health !== undefined && { healthUrl: raw.health }),
      ...(requestLimitMs !== null && { requestLimitMs }),
      ...(raw.heap && { heap: true }),
      ...(raw.inject && { inject: true }),
    },
  };
}

function limit(text: string, report: (problem: string) => void): number | null {
  try {
    return toMs(text);
  } catch (error) {
    report(`--request-limit: ${messageOf(error)}`);
    return null;
  }
}

/** Which command was meant by a number alone: the one that would find something, a port before a process. */
function meant(number: string): string {
  const value = Number(number);
  const isWhole = /^\d+$/.test(number);
  if (!isWhole) return `${number}: expected --pid N or --port P`;
  const isPort = value <= MAX_PORT && processListeningOn(value) !== null;
  const isPid = value <= MAX_PID && readStat(value) !== null;
  const flags = isPort && isPid ? ['--port', '--pid'] : isPid ? ['--pid'] : ['--port'];
  const commands = flags.map((flag) => `hanglab diagnose ${flag} ${number}`);
  return `${number}: is that a process or a port? Did you mean ${commands.join(' or ')}?`;
}
