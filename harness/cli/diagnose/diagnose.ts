/** `hanglab diagnose`: the reason why a process of this machine hangs, and where. */
import { readFile, writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import {
  type DiagnoseOptions,
  diagnosisOf,
  examine,
  type Facts,
  factsJson,
  parseFacts,
} from '../../diagnosis/index.ts';
import { servingProcess } from '../../diagnosis/outside/serving-process.ts';
import { EXIT, HanglabError, messageOf } from '../../platform/errors.ts';
import { excerptsOf } from '../../report/data/excerpt.ts';
import { diagnosisText } from '../../report/diagnosis-text.ts';
import type { CommandContext } from '../shared/context.ts';
import { lookOf, output } from '../shared/output.ts';
import { type Parsed, parseDiagnoseOptions, type RawDiagnoseOptions } from './options.ts';
import { showProgress } from './progress.ts';

/** `diagnose` has exit codes of its own: 0 live, 1 hung, 2 undecided. */
const LIVE = new Set<string>(['live', 'slow-but-live', 'saturated-but-live']);

export function diagnoseCommand(context: CommandContext): Command {
  return (
    new Command('diagnose')
      // A number alone is answered with the command that was meant.
      .argument('[number]')
      .usage('[options]')
      .option('--pid <n>', 'the process')
      .option('--port <n>', 'or the port of this machine that it listens on')
      .option('--health <url>', 'its health endpoint')
      .option(
        '--request-limit <duration>',
        'how long a request may take, like 30s: what is younger and may still be answered is waiting, not hung',
      )
      .option(
        '--heap',
        'look into a heap of more than 150 MB too: the process is paused for seconds',
      )
      .option(
        '--inject',
        'let gdb leave a request in a Python process, which then describes its asyncio tasks itself',
      )
      .option('--save-facts <file>', 'keep what the diagnosis rests on, without secrets')
      .option('--facts <file>', 'judge such a file again, without any process')
      .option('--json', 'print hanglab.diagnose/1')
      .addHelpText('after', EXAMPLES)
      .action(async (number: string | undefined, raw: RawDiagnoseOptions) => {
        const parsed = parseDiagnoseOptions(number, raw);
        const { diagnosis, facts } = await answer(parsed, context);
        if (raw.saveFacts) await save(raw.saveFacts, facts);
        const out = output({ json: raw.json ?? false });
        if (raw.json) out.result(JSON.stringify(diagnosis, null, 2));
        else {
          // Facts may come from another machine, whose source is not here.
          const excerpts = raw.facts === undefined ? excerptsOf(diagnosis) : [];
          out.result(diagnosisText(diagnosis, lookOf(out), excerpts));
        }
        context.exitWith(exitCodeOf(diagnosis));
      })
  );
}

async function answer(
  parsed: Parsed,
  { interrupts }: CommandContext,
): Promise<{ diagnosis: Diagnosis; facts: Facts }> {
  if ('factsFile' in parsed) {
    const facts = parseFacts(await textOf(parsed.factsFile), parsed.factsFile);
    return { facts, diagnosis: judged(facts, parsed.factsFile) };
  }
  using progress = showProgress(process.stderr);
  const { pid, port } = parsed.options;
  const options: DiagnoseOptions = {
    ...parsed.options,
    pid: port === undefined ? pid : await servingProcess(pid, port, interrupts.signal),
    signal: interrupts.signal,
    onStep: progress.step,
  };
  return await examine(options);
}

/** The file comes from anywhere: what is wrong with it is no fault of hanglab's. */
function judged(facts: Facts, name: string): Diagnosis {
  try {
    return diagnosisOf(facts);
  } catch (error) {
    throw new HanglabError('bad-facts', `${name}: it cannot be judged: ${messageOf(error)}`);
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new HanglabError('bad-facts', `--facts ${file}: ${messageOf(error)}`);
  }
}

async function save(file: string, facts: Facts): Promise<void> {
  try {
    await writeFile(file, factsJson(facts), { mode: 0o600 });
  } catch (error) {
    throw new HanglabError('facts-not-written', `--save-facts ${file}: ${messageOf(error)}`, {
      exitCode: EXIT.cannotRunHere,
    });
  }
}

function exitCodeOf({ code, decided }: Diagnosis): 0 | 1 | 2 {
  if (!decided) return 2;
  return LIVE.has(code) ? 0 : 1;
}

const EXAMPLES = `
Examples:
  hanglab diagnose --port 8080
  hanglab diagnose --port 8080 --health http://127.0.0.1:8080/health --request-limit 30s
  hanglab diagnose --pid 1234 --save-facts facts.json
  hanglab diagnose --facts facts.json

Exit codes: 0 live · 1 hung · 2 undecided · 3 bad usage · 5 internal error`;
