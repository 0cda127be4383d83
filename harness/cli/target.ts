/** `hanglab target`: the bundled server and its scripted model alone, for curl and a look around. */
import { join } from 'node:path';
import { Command } from 'commander';
import { startScriptedModel } from '../llm/start.ts';
import { EXIT, HanglabError } from '../platform/errors.ts';
import { startReaper } from '../reaper/reaper.ts';
import { defectProblem } from '../scenario/catalogue.ts';
import { startReferenceTarget } from '../target/reference-target.ts';
import { usageError } from './run/run-options.ts';
import type { CommandContext } from './shared/context.ts';
import { output } from './shared/output.ts';
import { whole } from './shared/parse-integer.ts';

export function targetCommand(context: CommandContext): Command {
  return new Command('target')
    .description(
      'start the bundled server and its scripted model, and leave them to you until Ctrl-C',
    )
    .option('--port <n>', 'the port of the server (default: any free one)')
    .option('--defect <name>', 'with one part replaced by a wrong one')
    .action(async (raw: { port?: string; defect?: string }) => {
      const problems: string[] = [];
      const report = (problem: string | null): void => {
        if (problem) problems.push(problem);
      };
      if (raw.defect !== undefined) report(defectProblem(raw.defect));
      const port = raw.port === undefined ? 0 : whole('--port', raw.port, 0, 65_535, report);
      if (problems.length > 0) throw usageError(problems);
      await serve(port, raw.defect ?? null, context);
    });
}

async function serve(
  port: number,
  defect: string | null,
  { interrupts, exitWith }: CommandContext,
) {
  const out = output({ json: false });
  await using reaper = startReaper();
  await using model = await startScriptedModel({
    seed: 1,
    onEvent: () => {},
    signal: interrupts.signal,
  });
  reaper.watchGroup(model.pid);
  const folder = reaper.temporaryFolder('target');
  await using target = await startReferenceTarget({
    dataFolder: join(folder, 'data'),
    modelUrl: model.url,
    embeddingsUrl: model.url,
    defect,
    logFile: join(folder, 'target.log'),
    port,
    watchGroup: (pid) => reaper.watchGroup(pid),
    forgetGroup: (pid) => reaper.forgetGroup(pid),
  });
  const url = `http://${target.host}:${target.port}`;
  out.line(`target  ${url}  (process ${target.pid}${defect ? `, defect ${defect}` : ''})`);
  out.line(`model   ${model.url}`);
  out.line(`log     ${join(folder, 'target.log')}`);
  out.line();
  out.line(`  curl ${url}/health`);
  out.line(`  curl -F title=Hello -F file=@README.md ${url}/api/v1/knowledge/documents`);
  out.line(`  curl '${url}/api/v1/knowledge/documents?limit=5'`);
  out.line(
    `  curl -H 'content-type: application/json' -d '{"query":"hanglab","limit":3}' ${url}/api/v1/knowledge/search`,
  );
  out.line();
  out.line('Ctrl-C ends both.');
  const ended = await Promise.race([
    target.exited.then((exit) => exit),
    new Promise<null>((resolve) =>
      interrupts.signal.addEventListener('abort', () => resolve(null)),
    ),
  ]);
  if (ended) {
    const how = ended.signal ?? `exit code ${ended.code}`;
    throw new HanglabError('target-died', `the target ended by itself (${how}); its last lines:`, {
      exitCode: EXIT.fail,
      problems: target.lastLines(),
    });
  }
  exitWith(EXIT.pass);
}
