/** `hanglab watch`: beside a running server, until something is wrong; then a diagnosis, and on. */
import { Command } from 'commander';
import { displayPath } from '../../platform/display-path.ts';
import { formatMs } from '../../platform/duration.ts';
import { EXIT } from '../../platform/errors.ts';
import { dryRun } from '../../watch/dry-run.ts';
import { WATCH_SCHEMA } from '../../watch/incident/incident.ts';
import type { Connections, Sample } from '../../watch/samples/sample.ts';
import type { WatchEvent } from '../../watch/settings.ts';
import { watch } from '../../watch/watch.ts';
import type { CommandContext } from '../shared/context.ts';
import { type Output, output } from '../shared/output.ts';
import { DEFAULTS, parseWatchOptions, type RawWatchOptions } from './watch-options.ts';
import { cpuShareOf, everySamples, type StatusLine, statusLine, statusText } from './watch-view.ts';

export function watchCommand(context: CommandContext): Command {
  return new Command('watch')
    .option('--pid <n>', 'the process')
    .option('--port <n>', 'or the port of this machine that it listens on; also after a restart')
    .option('--health <url>', 'its health endpoint; without it nothing is sent to the server')
    .option('--health-limit <duration>', 'how long it may take to answer', DEFAULTS.healthLimit)
    .option(
      '--request-limit <duration>',
      'how long a client may wait for an answer, like 30s; without it requests are not judged by their age',
    )
    .option(
      '--stands-still <duration>',
      'how long bytes of a client may lie unread',
      DEFAULTS.standsStill,
    )
    .option(
      '--window <duration>',
      'what grows in twelve of these in a row only grows',
      DEFAULTS.window,
    )
    .option('--apart <duration>', 'the least time between two diagnoses', DEFAULTS.apart)
    .option('--for <duration>', 'end after this time (default: until Ctrl-C)')
    .option('--exec <command>', 'run this by the shell after each report: $HANGLAB_REPORT and more')
    .option('--webhook <url>', 'post each report there, as JSON')
    .option('--heap', 'look into a heap of more than 150 MB too: the process is paused for seconds')
    .option(
      '--inject',
      'let gdb leave a request in a Python process, which then describes its asyncio tasks',
    )
    .option(
      '--status-every <duration>',
      'off a terminal, and in JSON: a sample this often',
      DEFAULTS.statusEvery,
    )
    .option('--keep <n>', 'how many reports are kept', DEFAULTS.keep)
    .option('--out <dir>', 'where reports go', DEFAULTS.out)
    .option('--dry-run', 'say what would be done to the process, and do nothing')
    .option('--json', 'print hanglab.watch/1 as lines of JSON, all else on standard error')
    .action(async (raw: RawWatchOptions) => {
      const out = output({ json: raw.json ?? false });
      const { settings, statusEveryMs } = parseWatchOptions(raw);
      if (raw.dryRun) {
        out.result(dryRun(settings).join('\n'));
        return;
      }
      using status = statusLine(out.stream, statusEveryMs);
      const show = shown(out, status);
      const isDue = everySamples(statusEveryMs);
      const on = (event: WatchEvent): void => {
        if (raw.json && (event.kind !== 'sample' || isDue())) jsonLine(out, event);
        show(event);
      };
      const { incidents, cpuShare } = await watch(settings, on, context.interrupts.signal);
      status.clear();
      const share = `${(100 * cpuShare).toFixed(2)} % of a core`;
      const reports = incidents === 1 ? '1 report' : `${incidents} reports`;
      out.line(`${incidents === 0 ? 'no report' : reports}; watching took ${share}`);
      if (raw.json) jsonLine(out, { kind: 'end', incidents, cpuShare });
      context.exitWith(incidents > 0 ? EXIT.fail : EXIT.pass);
    });
}

/** For a person. */
function shown(out: Output, status: StatusLine): (event: WatchEvent) => void {
  const say = (text: string): void => {
    status.clear();
    out.line(`${new Date().toTimeString().slice(0, 8)} ${text}`);
  };
  let pid = 0;
  let before: Sample | null = null;
  let connections: Connections | null = null;
  let cpuShare: number | null = null;
  return (event) => {
    switch (event.kind) {
      case 'begun':
        pid = event.pid;
        before = null;
        return say(`watching process ${pid}`);
      case 'sample': {
        const { sample, alarms } = event;
        connections = sample.connections ?? connections;
        if (sample.connections) cpuShare = cpuShareOf(sample, before) ?? cpuShare;
        const text = statusText(pid, sample, cpuShare, connections);
        const [alarm] = alarms;
        status.show(alarm === undefined ? text : `${text} · ALARM: ${alarm.sentence}`);
        if (sample.connections) before = sample;
        return;
      }
      case 'alarm':
        return say(out.paint('yellow', event.alarm.sentence));
      case 'looking':
        return say('looking into it ...');
      case 'incident': {
        const { diagnosis, sentence, folder, why } = event.incident;
        const code = diagnosis === null ? 'report' : diagnosis.code;
        say(`${out.paint('red', code)}: ${sentence}${why === null ? '' : ` (${why})`}`);
        return say(`  ${displayPath(folder)}`);
      }
      case 'over':
        return say(
          out.paint('green', `over after ${formatMs(event.lastedMs)}: ${event.alarm.sentence}`),
        );
      case 'ended':
        return say(out.paint('red', `process ${event.pid} has ended`));
      case 'trouble':
        return say(event.text);
    }
  };
}

function jsonLine(out: Output, event: object): void {
  const at = new Date().toISOString();
  out.result(JSON.stringify({ schema: WATCH_SCHEMA, at, ...event }));
}
