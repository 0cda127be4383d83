/** `hanglab soak [scenario...]`: does anything grow with the work? */
import { join } from 'node:path';
import { Command } from 'commander';
import { displayPath } from '../../platform/display-path.ts';
import { EXIT, type ExitCode, HanglabError, messageOf } from '../../platform/errors.ts';
import { startReaper } from '../../reaper/reaper.ts';
import { soakPage } from '../../report/data/soak-page.ts';
import { makeReportFolder, pointLatestTo } from '../../report/folder.ts';
import { writePage } from '../../report/write-pages.ts';
import { skipReason } from '../../run/skip.ts';
import { loadScenario } from '../../scenario/catalogue.ts';
import type { SoakJson } from '../../soak/report/soak-json.ts';
import { judgeStored, runSoak, type SoakSettings } from '../../soak/run-soak.ts';
import { newStore, openStore, type SoakStore } from '../../soak/store.ts';
import { loadConfig } from '../../target/config/load-config.ts';
import type { Target } from '../../target/target.ts';
import type { CommandContext } from '../shared/context.ts';
import { type Output, output } from '../shared/output.ts';
import { DEFAULTS, parseSoakOptions, type RawSoakOptions } from './soak-options.ts';
import { roundLine, verdictLines } from './soak-view.ts';

const EXIT_CODES = {
  flat: EXIT.pass,
  leak: EXIT.fail,
  failed: EXIT.fail,
  undecided: EXIT.inconclusive,
};

export function soakCommand(context: CommandContext): Command {
  return new Command('soak')
    .argument('[scenario...]', 'what a round is; without any, the operations of the target in turn')
    .option('--config <file>', 'the config of your server (default: the nearest hanglab.config.ts)')
    .option('--variant <name>', 'another way to start it, by the name in the config')
    .option('--for <duration>', 'about how long: 10m, 2h')
    .option(
      '--rounds <n>',
      'how many rounds, from 8 on; four more follow where these do not settle it',
    )
    .option('--requests <n>', 'how many requests a round is (default: what takes 10 s)')
    .option('--clients <n>', 'how many clients send them', DEFAULTS.clients)
    .option(
      '--still <duration>',
      'how long nothing may move before a round is read',
      DEFAULTS.still,
    )
    .option(
      '--idle <duration>',
      'wait so long after each round: what the server keeps on purpose',
      DEFAULTS.idle,
    )
    .option(
      '--back-within <duration>',
      'growth that comes back within this time is no leak',
      DEFAULTS.backWithin,
    )
    .option(
      '--smallest-leak <bytes>',
      'the smallest leak that flat rules out, in bytes a request (default: 100)',
    )
    .option('--one-in <requests>', 'and of things: one in so many requests (default: 1000)')
    .option('--pprof <path>', 'where a Go server has net/http/pprof, like /debug/pprof')
    .option('--heap-snapshots', 'compare two heap snapshots of a Node server, and name what grew')
    .option('--resume <dir>', 'go on with a soak that was interrupted')
    .option('--report <dir>', 'judge what has been recorded so far, and run nothing')
    .option('--toxiproxy <provider>', 'embedded, binary, docker, or the URL of a running one')
    .option('--seed <n>', 'replay the plan of an earlier soak')
    .option('--scale <n>', 'multiply phases and loads of the scenarios')
    .option('--documents <dir>', 'upload the Markdown and text files of this folder')
    .option('--out <dir>', 'where reports go', DEFAULTS.out)
    .option('--json', 'print hanglab.soak/1 on standard output, all else on standard error')
    .action(async (names: string[], raw: RawSoakOptions) => {
      const out = output({ json: raw.json ?? false });
      const soak =
        raw.report === undefined
          ? await soakOf(names, raw, out, context)
          : reportOn(raw.report, out);
      if (raw.json) out.result(JSON.stringify(soak, null, 2));
      context.exitWith(EXIT_CODES[soak.verdict] as ExitCode);
    });
}

async function soakOf(
  names: readonly string[],
  raw: RawSoakOptions,
  out: Output,
  context: CommandContext,
): Promise<SoakJson> {
  const begun = raw.resume === undefined ? await begin(names, raw) : await resume(raw.resume, raw);
  const { store, target, toxiproxy, scale, documents } = begun;
  const { settings } = store;
  const scenarios = await Promise.all(settings.scenarios.map(loadScenario));
  for (const { name, scenario } of scenarios) {
    const why = skipReason(scenario, target);
    if (why)
      throw new HanglabError('no-operation', `${name}: ${why}`, { exitCode: EXIT.cannotRunHere });
  }
  await using reaper = startReaper();
  const records = [...store.records];
  const folder = displayPath(store.folder);
  out.line(`seed ${settings.seed}; ${folder}`);
  try {
    const soak = await runSoak({
      ...{ target, scenarios, store, toxiproxy, scale, reaper },
      documentsFolder: documents,
      signal: context.interrupts.signal,
      onNote: (text) => out.line(text),
      onRound(record, soFar) {
        records.push(record);
        out.line(roundLine(record, records, soFar, settings));
      },
    });
    await writePage(join(store.folder, 'report.html'), soakPage(soak));
    for (const line of verdictLines(soak, folder, out)) out.line(line);
    return soak;
  } catch (error) {
    if (records.length > 0) {
      out.line(`ended early: ${messageOf(error)}; go on with \`hanglab soak --resume ${folder}\``);
    }
    throw error;
  }
}

interface Begun {
  store: SoakStore<SoakSettings>;
  target: Target;
  toxiproxy: Awaited<ReturnType<typeof parseSoakOptions>>['toxiproxy'];
  scale: number;
  documents: string | null;
}

async function begin(names: readonly string[], raw: RawSoakOptions): Promise<Begun> {
  const { settings, ...rest } = await parseSoakOptions(names, raw);
  const folder = makeReportFolder(raw.out, 'soak', new Date());
  pointLatestTo(raw.out, folder);
  return { ...rest, store: newStore(folder, settings) };
}

/** With the settings that it was begun with: rounds of another size could not be compared. */
async function resume(folder: string, raw: RawSoakOptions): Promise<Begun> {
  const store = openStore<SoakSettings>(folder);
  const { config, scenarios } = store.settings;
  if (config === null) {
    throw new HanglabError(
      'bad-usage',
      `${folder}: its target has no config to start it again from`,
    );
  }
  const loaded = await loadConfig(config.file);
  const { toxiproxy, scale, documents } = await parseSoakOptions(scenarios, {
    ...raw,
    config: config.file,
  });
  return { store, target: loaded.target(config.variant), toxiproxy, scale, documents };
}

function reportOn(folder: string, out: Output): SoakJson {
  const soak = judgeStored(openStore<SoakSettings>(folder));
  for (const line of verdictLines(soak, folder, out)) out.line(line);
  return soak;
}
