/** A config from a document or a recording alone: nothing is started, so nothing of it has been tried. */
import { HanglabError } from '../../platform/errors.ts';
import { plural } from '../../platform/plural.ts';
import type { OperationConfig, TargetConfig } from '../../target/config/config.ts';
import { linkItems } from '../../target/discovery/item-links.ts';
import { together } from '../../target/discovery/offered.ts';
import { operationsOf } from '../../target/discovery/openapi/operations.ts';
import { documentAt } from '../../target/discovery/running/find-document.ts';
import type { Output } from '../shared/output.ts';
import type { FoundConfig } from '../try/found-config.ts';
import { foundText } from '../try/found-text.ts';
import type { ServerSettings } from '../try/server-options.ts';
import { guessedCommand } from './guessed-command.ts';

const UNKNOWN_COMMAND = 'what-starts-your-server --port ${port}';
/** A load takes the operations of a kind in turn: a config with a hundred of them says less than one with a few. */
const ENOUGH = 12;
const HEALTH = /(^|\/)(health|healthz|livez|ready|ping)$/i;

/** @throws HanglabError `bad-openapi`, `nothing-to-send` */
export async function configFromDocument(
  server: ServerSettings,
  folder: string,
  out: Output,
  signal: AbortSignal,
): Promise<FoundConfig> {
  const { openapi, token, recorded, requests, health } = server;
  const documented =
    openapi === null
      ? { candidates: [], unused: [] }
      : operationsOf((await documentAt(openapi, null, folder, signal)).document, token);
  const { candidates, unused } = together([linkItems(requests), recorded, documented]);
  const path =
    health ?? candidates.map(({ config }) => config.get).find((get) => HEALTH.test(get ?? ''));
  const kept = candidates
    .filter(({ config }) => path === undefined || config.get !== path)
    .slice(0, ENOUGH);
  if (kept.length === 0) {
    const problems = unused.map(({ label, reason }) => `${label}: ${reason}`);
    throw new HanglabError('nothing-to-send', 'no operation can be made of it:', { problems });
  }
  const left = candidates.length - kept.length - (path === undefined ? 0 : 1);
  const rows = kept.map(({ name, label }) => ({ what: name, where: label, unlocks: '' }));
  out.line(foundText(rows, unused, [], out));
  if (left > 0) {
    const more = plural(left, 'more operation is', 'more operations are');
    out.line(`${more} left out: add by hand what matters`);
  }
  const config: TargetConfig = {
    ...server.base,
    server: serverOf(server.base.server, guessedCommand(folder) ?? UNKNOWN_COMMAND),
    ...(path === undefined ? {} : { health: path }),
    operations: Object.fromEntries(
      kept.map(({ name, config: each }): [string, OperationConfig] => [name, each]),
    ),
  };
  const comments = {
    server: [
      'Nothing of this has been tried: say what starts the server, then `hanglab config check`.',
    ],
  };
  return { config, candidates: kept, called: null, comments };
}

function serverOf(server: TargetConfig['server'], command: string): TargetConfig['server'] {
  return 'command' in server ? { ...server, command } : server;
}
