/**
 * `hanglab links`: the links, and the scripted model behind one of them, on fixed ports, for a server that
 * hanglab does not start. `hanglab try --attach PORT --links` borrows them for its runs.
 */
import { Command } from 'commander';
import type { LinksDescription } from '../environment/borrow-links.ts';
import { startToxiproxy } from '../links/toxiproxy.ts';
import { startScriptedModel } from '../llm/start.ts';
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';
import { aborted } from '../platform/wait.ts';
import { startReaper } from '../reaper/reaper.ts';
import { inheritedVariables } from '../target/discovery/inherited-variables.ts';
import { modelVariables } from '../target/discovery/model-variables.ts';
import { DEFAULT_LINKS_PORT } from './links/default-port.ts';
import { environmentLines } from './links/environment-lines.ts';
import { startLender } from './links/lender.ts';
import { usageError } from './run/run-options.ts';
import type { CommandContext } from './shared/context.ts';
import { output } from './shared/output.ts';
import { parseInteger } from './shared/parse-integer.ts';
import { type GivenUpstream, parseUpstream } from './try/upstream-option.ts';

interface RawLinksOptions {
  upstream?: string[];
  port: string;
  model: boolean;
  json?: boolean;
}

export function linksCommand(context: CommandContext): Command {
  return new Command('links')
    .option(
      '--upstream <name=host:port[=VARIABLE]>',
      'a service that the server calls (repeatable)',
      (text: string, before: string[] = []) => [...before, text],
    )
    .option('--port <n>', 'the first of the ports that are used', String(DEFAULT_LINKS_PORT))
    .option('--no-model', 'without the scripted model')
    .option('--json', 'print hanglab.links/1 on standard output, all else on standard error')
    .action(async (raw: RawLinksOptions) => {
      await serve(raw, context);
      context.exitWith(EXIT.pass);
    });
}

async function serve(raw: RawLinksOptions, { interrupts }: CommandContext): Promise<void> {
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(problem);
  const given = (raw.upstream ?? []).flatMap((text) => parseUpstream(text, report));
  const port = parseInteger('--port', raw.port, 1024, 65_000, report);
  if (given.length === 0 && !raw.model) report('--no-model: then expected at least one --upstream');
  if (problems.length > 0) throw usageError(problems);
  const { signal } = interrupts;
  const out = output({ json: raw.json ?? false });
  await using reaper = startReaper();
  await using model = raw.model
    ? await startScriptedModel({ seed: 1, onEvent: () => {}, signal })
    : null;
  if (model) reaper.watchGroup(model.pid);
  await using toxiproxy = await startToxiproxy({ provider: 'embedded', seed: 1, signal });
  const description = describedLinks(port, given, raw.model);
  const targets = Object.entries(description.links).map(([name, link]) => ({
    name,
    upstream: link.at ?? `127.0.0.1:${model?.port}`,
    listen: `127.0.0.1:${link.port}`,
  }));
  await using _lender = await startLender({
    ...{ port, description },
    say: (text) => out.line(text),
    async open() {
      await using stack = new AsyncDisposableStack();
      for (const target of targets) {
        stack.use(
          await toxiproxy.link(target).catch((error: unknown) => cannotListen(target, error)),
        );
      }
      return stack.move();
    },
  });
  const variables = inheritedVariables(process.cwd());
  const { set, elsewhere } = raw.model ? modelVariables(variables, {}) : { set: {}, elsewhere: [] };
  out.line('Start your server with these, so that what it calls is reached over a link:');
  out.line();
  for (const text of environmentLines(description, set, given, variables)) out.line(`  ${text}`);
  for (const { name, to } of elsewhere) out.line(`  # ${name} leads to ${to}: unset it first`);
  out.line();
  out.line(`then: hanglab try --attach PORT --links ${port}`);
  out.line('Ctrl-C ends the links.');
  if (raw.json) out.result(JSON.stringify(description));
  await aborted(signal);
}

function describedLinks(
  port: number,
  given: readonly GivenUpstream[],
  hasModel: boolean,
): LinksDescription {
  const models = hasModel ? [{ name: 'llm', kind: 'model' as const, at: null }] : [];
  const services = given.map(({ name, at }) => ({ name, kind: 'service' as const, at }));
  const links = [...models, ...services].map(({ name, kind, at }, i) => [
    name,
    { port: port + 1 + i, kind, at },
  ]);
  return { schema: 'hanglab.links/1', links: Object.fromEntries(links) };
}

function cannotListen({ name, listen }: { name: string; listen: string }, error: unknown): never {
  throw new HanglabError(
    'port-busy',
    `the link ${name} cannot listen on ${listen}: ${messageOf(error)}; give another --port`,
  );
}
