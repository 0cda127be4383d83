/**
 * `hanglab init`: writes a config. With a command or `--attach` the server is started and found out about; with a
 * document or a recording alone it is written from that; with nothing, a person is asked.
 */
import { Command } from 'commander';
import { EXIT, type ExitCode } from '../platform/errors.ts';
import { type Reaper, startReaper } from '../reaper/reaper.ts';
import { loadedConfig } from '../target/config/load-config.ts';
import { askForServer } from './init/ask-for-server.ts';
import { configFromDocument } from './init/from-document.ts';
import { parseRunOptions, usageError } from './run/run-options.ts';
import { runView } from './run/run-view.ts';
import type { CommandContext } from './shared/context.ts';
import { type Output, output } from './shared/output.ts';
import { findOut } from './try/find-out.ts';
import {
  type FoundConfig,
  foundSource,
  unwritableConfig,
  writeConfigFile,
} from './try/found-config.ts';
import { foundRows } from './try/found-table.ts';
import { foundText } from './try/found-text.ts';
import {
  addServerOptions,
  parseServerOptions,
  type RawServerOptions,
  type ServerSettings,
} from './try/server-options.ts';
import { withLinks } from './try/with-links.ts';

interface RawInitOptions extends RawServerOptions {
  write: string;
  toxiproxy?: string;
}

export function initCommand(context: CommandContext): Command {
  return addServerOptions(new Command('init'))
    .usage('[options] [-- COMMAND...]')
    .option('--write <file>', 'where to', 'hanglab.config.ts')
    .option('--toxiproxy <provider>', 'embedded, binary, docker, or the URL of a running one')
    .action(async (words: string[], raw: RawInitOptions) => {
      context.exitWith(await init(words, raw, context));
    });
}

async function init(
  given: readonly string[],
  raw: RawInitOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const out = output({ json: false });
  const folder = process.cwd();
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(problem);
  const unwritable = unwritableConfig(raw.write);
  if (unwritable) throw usageError([unwritable]);
  const isDescribed = raw.openapi !== undefined || raw.har !== undefined;
  const isKnown = given.length > 0 || raw.attach !== undefined || isDescribed;
  const answers = isKnown ? null : await askForServer(out, context);
  const options = { ...raw, ...answers?.options };
  const words = answers?.words ?? given;
  const runs = words.length > 0 || raw.attach !== undefined;
  const parsed = parseServerOptions(words, options, folder, report, { mayLackServer: !runs });
  if (problems.length > 0) throw usageError(problems);
  const server = await withLinks(parsed);
  const found = runs
    ? await foundByStarting(server, raw, folder, out, context)
    : await configFromDocument(server, folder, out, context.interrupts.signal);
  writeConfigFile(raw.write, foundSource(found, server, raw.write, folder));
  out.line(`written: ${raw.write}`);
  out.line(runs ? 'next: `hanglab run`' : 'next: `hanglab config check`');
  return EXIT.pass;
}

async function foundByStarting(
  server: ServerSettings,
  raw: RawInitOptions,
  folder: string,
  out: Output,
  { interrupts }: CommandContext,
): Promise<FoundConfig> {
  await using reaper: Reaper = startReaper();
  using view = runView(out);
  const settings = await parseRunOptions(
    [],
    { ...toxiproxyOf(raw), out: reaper.temporaryFolder('init') },
    [],
    loadedConfig(server.base, folder),
  );
  const found = await findOut(server, settings, folder, {
    ...{ reaper, view, signal: interrupts.signal },
  });
  view.note(foundText(foundRows(found, server, []), found.unused, [], out));
  const candidates = found.discovery.operations.map(({ candidate }) => candidate);
  return { config: found.config, candidates, called: found.calibration.called };
}

function toxiproxyOf({ toxiproxy }: RawInitOptions) {
  return toxiproxy === undefined ? {} : { toxiproxy };
}
