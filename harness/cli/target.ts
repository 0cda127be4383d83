/** `hanglab target`: the bundled server and its scripted model alone, for curl. */
import { join } from 'node:path';
import { Command } from 'commander';
import { startScriptedModel } from '../llm/index.ts';
import { didYouMean, EXIT, HanglabError } from '../platform/errors.ts';
import { aborted } from '../platform/wait.ts';
import { startReaper } from '../reaper/reaper.ts';
import { loadConfig } from '../target/config/load-config.ts';
import type { Target } from '../target/target.ts';
import { usageError } from './run/run-options.ts';
import type { CommandContext } from './shared/context.ts';
import { output } from './shared/output.ts';
import { parseInteger } from './shared/parse-integer.ts';

interface RawTargetOptions {
  port?: string;
  config?: string;
  variant?: string;
  defect?: string;
}

export function targetCommand(context: CommandContext): Command {
  return new Command('target')
    .option('--port <n>', 'the port of the server (default: any free one)')
    .option('--config <file>', 'another server: its config')
    .option('--variant <name>', 'another way to start it, by the name in the config')
    .option('--defect <name>', 'with one component replaced by a defective one')
    .action(async (raw: RawTargetOptions) => {
      const problems: string[] = [];
      const { config, target } = await loadConfig(raw.config ?? null);
      const variant = raw.variant ?? raw.defect ?? null;
      const known = Object.keys(config.variants ?? {});
      if (variant !== null && !known.includes(variant)) {
        problems.push(`there is no defect "${variant}".${didYouMean(variant, known)}`);
      }
      const port =
        raw.port === undefined
          ? 0
          : parseInteger('--port', raw.port, 0, 65_535, (problem) => problems.push(problem));
      if (problems.length > 0) throw usageError(problems);
      await serve(target(variant), port, variant, context);
    });
}

async function serve(
  declared: Target,
  port: number,
  variant: string | null,
  { interrupts, exitWith }: CommandContext,
) {
  const { signal } = interrupts;
  const out = output({ json: false });
  await using reaper = startReaper();
  await using model = await startScriptedModel({ seed: 1, onEvent: () => {}, signal });
  reaper.watchGroup(model.pid);
  const folder = reaper.temporaryFolder('target');
  const logFile = join(folder, 'target.log');
  const upstreams = Object.entries(declared.upstreams).map(([name, upstream]) => {
    const at = upstream.kind === 'model' ? { host: '127.0.0.1', port: model.port } : upstream;
    return [name, { kind: upstream.kind, host: at.host, port: at.port }] as const;
  });
  await using target = await declared.open({
    ...{ port, folder, logFile, signal, upstreams: Object.fromEntries(upstreams) },
    watchGroup: (pid, mark) => reaper.watchGroup(pid, mark),
    forgetGroup: (pid) => reaper.forgetGroup(pid),
    watchContainer: (id) => reaper.watchContainer(id),
    forgetContainer: (id) => reaper.forgetContainer(id),
  });
  const url = `http://${target.host}:${target.port}`;
  const which = variant ? `, defect ${variant}` : '';
  out.line(`target  ${url}  (process ${target.processes.rootPid}${which})`);
  out.line(`model   ${model.url}`);
  out.line(`log     ${logFile}`);
  out.line();
  if (declared.health) out.line(`  curl ${url}${declared.health.path}`);
  for (const operation of Object.values(declared.operations)) {
    const { method, path, body } = operation.request(EXAMPLE);
    if (body?.kind === 'multipart') {
      out.line(`  curl -F title=Hello -F file=@README.md ${url}${path}`);
    } else if (body) {
      out.line(
        `  curl -X ${method} -H 'content-type: ${body.contentType}' -d '${body.text}' ${url}${path}`,
      );
    } else out.line(`  curl -X ${method} '${url}${path}'`);
  }
  out.line();
  out.line('Ctrl-C ends both.');
  const ended = await Promise.race([target.exited, aborted(signal).then(() => null)]);
  if (ended) {
    const how = ended.signal ?? `exit code ${ended.code}`;
    throw new HanglabError(
      'target-died',
      `the target exited unexpectedly (${how}); its last lines:`,
      {
        exitCode: EXIT.fail,
        problems: target.lastLines(),
      },
    );
  }
  exitWith(EXIT.pass);
}

const EXAMPLE = {
  index: 1,
  title: 'Hello',
  sentence: 'Hello.',
  document: 'Hello.',
  text: 'Hello.',
  id: 'ID',
};
