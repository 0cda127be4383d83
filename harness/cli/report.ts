/** `hanglab report`: renders a run again from its folder, or serves the page of a run in progress. */
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { displayPath } from '../platform/display-path.ts';
import { HanglabError } from '../platform/errors.ts';
import { comparePage } from '../report/data/compare-page.ts';
import { matrixPage } from '../report/data/matrix-page.ts';
import { soakPage } from '../report/data/soak-page.ts';
import type { PageData } from '../report/page/page-data.ts';
import { serveRun } from '../report/serve/serve.ts';
import { writePage, writeRunPages, writeSuitePage } from '../report/write-pages.ts';
import { findReported, findRunning, type Reported } from './report/find-run.ts';
import { openInBrowser } from './report/open-url.ts';
import { usageError } from './run/run-options.ts';
import type { CommandContext } from './shared/context.ts';
import { type Output, output } from './shared/output.ts';
import { parseInteger } from './shared/parse-integer.ts';

const ABOUT_RUN = 'a run folder, a folder of runs, or a JSON file of matrix, compare or soak';

export function reportCommand(context: CommandContext): Command {
  const command = new Command('report')
    // An option after `serve` is one of `serve`.
    .enablePositionalOptions()
    .argument('[run]', `${ABOUT_RUN} (default: the latest run)`)
    .option('--out <dir>', 'where reports are', 'reports')
    .option('--open', 'open the page in the browser')
    .action(async (run: string | undefined, { out, open }: { out: string; open?: boolean }) => {
      await render(findReported(run ?? null, out), open ?? false, output({ json: false }));
    });
  command
    .command('serve')
    .description('serve the page of a run in progress to this machine, until Ctrl-C')
    .argument('[run]', 'the folder of the run (default: the run in progress)')
    .option('--out <dir>', 'where reports are', 'reports')
    .option('--port <n>', 'the port on 127.0.0.1 (default: a free one)')
    .option('--open', 'open the page in the browser')
    .action(async (run: string | undefined, raw: RawServeOptions) => {
      await serve(run ?? null, raw, context);
    });
  return command;
}

interface RawServeOptions {
  out: string;
  port?: string;
  open?: boolean;
}

async function render(reported: Reported, open: boolean, out: Output): Promise<void> {
  const file = await pageFor(reported);
  out.result(displayPath(file));
  const url = pathToFileURL(file).href;
  if (open && !(await openInBrowser(url))) out.line(`there is no browser to open; see ${url}`);
}

/** Writes the page, and returns its file. */
async function pageFor(reported: Reported): Promise<string> {
  switch (reported.kind) {
    case 'run':
      await writeRunPages(reported.folder);
      return join(reported.folder, 'report.html');
    case 'suite': {
      const { out, folders } = reported;
      for (const folder of folders) await writeRunPages(folder);
      await writeSuitePage(
        out,
        folders.map((folder) => ({ folder })),
      );
      return join(out, 'report.html');
    }
    case 'json': {
      const name = basename(reported.file, '.json').replace(/^verdict$/, 'report');
      const file = join(dirname(reported.file), `${name}.html`);
      await writePage(file, pageOfJson(reported));
      return file;
    }
  }
}

function pageOfJson({ file, json }: Reported & { kind: 'json' }): PageData {
  if (json.schema === 'hanglab.matrix/1') return matrixPage(json as never);
  if (json.schema === 'hanglab.compare/1') return comparePage(json as never);
  if (json.schema === 'hanglab.soak/1') return soakPage(json as never);
  const expected = 'expected hanglab.matrix/1, hanglab.compare/1 or hanglab.soak/1';
  throw new HanglabError('no-such-run', `${file} is ${json.schema}: ${expected}`);
}

async function serve(
  run: string | null,
  { out, port, open }: RawServeOptions,
  { interrupts }: CommandContext,
): Promise<void> {
  const problems: string[] = [];
  const wanted =
    port === undefined
      ? 0
      : parseInteger('--port', port, 0, 65_535, (problem) => problems.push(problem));
  if (problems.length > 0) throw usageError(problems);
  const folder = findRunning(run, out);
  await using served = await serveRun(folder, wanted);
  const to = output({ json: false });
  to.result(served.url);
  to.line(`the page of ${displayPath(folder)}, until Ctrl-C; only this machine can open it`);
  if (open && !(await openInBrowser(served.url))) to.line('there is no browser to open');
  served.ended
    .then(() => to.line('the run has ended; the page stays until Ctrl-C'))
    .catch(() => {});
  await interrupts.orInterrupt(null);
}
