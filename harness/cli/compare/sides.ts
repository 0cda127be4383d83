/**
 * The two versions of a comparison: variants of a config, or commands. A command takes the place of the config's
 * own; without a config hanglab finds out what the old version offers, and holds the new one to that.
 */
import type { Side } from '../../compare/side-run.ts';
import { didYouMean } from '../../platform/errors.ts';
import { buildTarget } from '../../target/config/build-target.ts';
import {
  findUpwards,
  type LoadedConfig,
  loadConfig,
  loadedConfig,
} from '../../target/config/load-config.ts';
import type { Target } from '../../target/target.ts';
import type { RunSettingsParsed } from '../run/run-options.ts';
import { type FindOutContext, findOut } from '../try/find-out.ts';
import { keepFound } from '../try/keep-found.ts';
import { parseServerOptions, type RawServerOptions } from '../try/server-options.ts';

/** Without a config, the options of a server describe both versions. */
export interface RawSideOptions extends Omit<RawServerOptions, 'attach' | 'links'> {
  a?: string;
  b?: string;
  config?: string;
}

/** One of the two versions. */
export interface ComparedSide {
  name: string;
  /** The variant of the config that it is; null for none. */
  variant: string | null;
  /** As declared: not calibrated yet. */
  target: Target;
}

export interface Sides {
  sides: Readonly<Record<Side, ComparedSide>>;
  /** The config that both belong to. */
  loaded: LoadedConfig;
}

export interface SideSource {
  /** What is known before anything was started. */
  loaded: LoadedConfig;
  /** @throws HanglabError what `findOut` throws, where there is no config. */
  sides(run: RunSettingsParsed, context: FindOutContext): Promise<Sides>;
}

type Report = (problem: string) => void;

/** How the server of a config is called that is none of its variants. */
const WITHOUT_VARIANT = 'the config as it is';

/** @throws HanglabError `no-config`, `bad-config`. */
export async function sideSource(
  raw: RawSideOptions,
  folder: string,
  report: Report,
): Promise<SideSource> {
  const { a, b } = raw;
  if (a === undefined && b === undefined) {
    report(
      'expected --a and --b, variants or commands (`--b` alone compares with the config as it is)',
    );
  } else if (a === b) report(`--a ${a} --b ${b}: expected two versions`);
  const hasConfig = raw.config !== undefined || findUpwards(folder) !== null;
  const isByCommand = isCommand(a) || isCommand(b);
  if (!hasConfig && isByCommand) return withoutConfig(raw, folder, report);
  const loaded = await loadConfig(raw.config ?? null);
  const sides = { a: sideOf('--a', a, loaded, report), b: sideOf('--b', b, loaded, report) };
  return {
    loaded,
    sides: async () => ({ loaded, sides: { a: sides.a(), b: sides.b() } }),
  };
}

/** A name of a variant is one word without a path. */
function isCommand(text: string | undefined): text is string {
  return text !== undefined && /[\s/]/.test(text);
}

function sideOf(
  flag: string,
  given: string | undefined,
  { config, folder, target }: LoadedConfig,
  report: Report,
): () => ComparedSide {
  if (isCommand(given)) {
    if (!('command' in config.server) || 'container' in config.server) {
      report(`${flag} ${given}: a command needs a config whose server is a command`);
    }
    return () => ({
      name: given,
      variant: null,
      target: buildTarget(config, folder, { command: given }),
    });
  }
  const known = Object.keys(config.variants ?? {});
  if (given !== undefined && !known.includes(given)) {
    const all =
      known.length === 0 ? ' The config has none' : ` Expected one of ${known.join(', ')}`;
    report(
      `${flag} ${given}: there is no such variant.${didYouMean(given, known) || all}, or a command`,
    );
  }
  const variant = given ?? null;
  return () => ({ name: given ?? WITHOUT_VARIANT, variant, target: target(variant) });
}

function withoutConfig(raw: RawSideOptions, folder: string, report: Report): SideSource {
  const { a, b } = raw;
  if (!isCommand(a) || !isCommand(b)) {
    report('expected two commands: there is no hanglab.config.ts here or above that has variants');
  }
  const words = a === undefined ? [] : [a];
  const server = parseServerOptions(words, raw, folder, report, { mayLackServer: true });
  return {
    loaded: loadedConfig(server.base, folder),
    async sides(run, context) {
      const found = await findOut(server, run, folder, context);
      const { config } = found;
      const of = (command = ''): ComparedSide => ({
        name: command,
        variant: null,
        target: buildTarget(config, folder, { command }),
      });
      const file = keepFound(found, server, folder);
      return { loaded: { ...loadedConfig(config, folder), file }, sides: { a: of(a), b: of(b) } };
    },
  };
}
