/** `hanglab diagnose`: the reason why a process of this machine hangs, and where. */
import { Command } from 'commander';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import { diagnose } from '../diagnosis/index.ts';
import { HanglabError } from '../platform/errors.ts';
import { processListeningOn } from '../platform/procfs/sockets.ts';
import { excerptsOf } from '../report/data/excerpt.ts';
import { diagnosisText } from '../report/diagnosis-text.ts';
import { usageError } from './run/run-options.ts';
import type { CommandContext } from './shared/context.ts';
import { lookOf, output } from './shared/output.ts';
import { parseInteger } from './shared/parse-integer.ts';

/** `diagnose` has exit codes of its own: 0 live, 1 hung, 2 undecided. */
const LIVE = new Set<string>(['live', 'slow-but-live', 'saturated-but-live']);

interface RawOptions {
  pid?: string;
  port?: string;
  health?: string;
  json?: boolean;
  heap?: boolean;
  inject?: boolean;
}

export function diagnoseCommand(context: CommandContext): Command {
  return new Command('diagnose')
    .option('--pid <n>', 'the process')
    .option('--port <n>', 'or the port of this machine that it listens on')
    .option('--health <url>', 'its health endpoint')
    .option(
      '--heap',
      'look into a heap of more than 150 MB too: the process stands still for seconds',
    )
    .option(
      '--inject',
      'let gdb leave a request in a Python process, which then tells its asyncio tasks itself',
    )
    .option('--json', 'print hanglab.diagnose/1')
    .action(async (raw: RawOptions) => {
      const { pid, port } = whichProcess(raw);
      const out = output({ json: raw.json ?? false });
      const diagnosis = await diagnose({
        pid,
        ...(port === null ? {} : { port }),
        ...(raw.health ? { healthUrl: raw.health } : {}),
        ...(raw.heap ? { heap: true } : {}),
        ...(raw.inject ? { inject: true } : {}),
        signal: context.interrupts.signal,
      });
      if (raw.json) out.result(JSON.stringify(diagnosis, null, 2));
      else out.result(diagnosisText(diagnosis, lookOf(out), excerptsOf(diagnosis)));
      context.exitWith(exitCodeOf(diagnosis));
    });
}

function exitCodeOf({ code, decided }: Diagnosis): 0 | 1 | 2 {
  if (!decided) return 2;
  return LIVE.has(code) ? 0 : 1;
}

function whichProcess(raw: RawOptions): { pid: number; port: number | null } {
  const problems: string[] = [];
  const report = (problem: string | null): void => {
    if (problem) problems.push(problem);
  };
  if ((raw.pid === undefined) === (raw.port === undefined)) {
    report('expected either --pid N or --port P');
  }
  const pid = raw.pid === undefined ? null : parseInteger('--pid', raw.pid, 1, 2 ** 22, report);
  const port = raw.port === undefined ? null : parseInteger('--port', raw.port, 1, 65_535, report);
  if (raw.health !== undefined && !/^https?:\/\/(127\.|localhost|\[::1\])/.test(raw.health)) {
    report(
      `--health ${raw.health}: expected a URL on this machine, like http://127.0.0.1:8080/health`,
    );
  }
  if (problems.length > 0) throw usageError(problems);
  const found = pid ?? processListeningOn(port as number);
  if (found === null) {
    throw new HanglabError('nobody-listens', `no process of this machine listens on port ${port}`);
  }
  return { pid: found, port };
}
