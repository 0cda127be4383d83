/** The options of `run`, checked all at once before anything is started. */

import { PROVIDER_NAMES, type ProviderName } from '../../links/toxiproxy.ts';
import type { MatrixRow } from '../../matrix/matrix-row.ts';
import { toMs } from '../../platform/duration.ts';
import { didYouMean, HanglabError, messageOf } from '../../platform/errors.ts';
import { checkOut } from '../../report/folder.ts';
import { scenarioProblem } from '../../scenario/catalogue.ts';
import { chosenScenarios, scenarioGiven, selectionProblems } from '../../scenario/selection.ts';
import { type LoadedConfig, loadConfig } from '../../target/config/load-config.ts';
import { parseInteger } from '../shared/parse-integer.ts';
import { type CiSettings, parseCiOptions, type RawCiOptions } from './ci-options.ts';

export interface RawRunOptions extends RawCiOptions {
  config?: string;
  variant?: string;
  /** The bundled server's word for a variant. */
  defect?: string;
  toxiproxy?: string;
  seed?: string;
  scale?: string;
  documents?: string;
  out: string;
  json?: boolean;
  jobs?: string;
  repeat?: string;
  hold?: string | true;
  retainPromises?: boolean;
  all?: boolean;
}

export interface RunSettingsParsed {
  names: string[];
  /** The config of the target. */
  loaded: LoadedConfig;
  variant: string | null;
  toxiproxy: { provider: ProviderName; url?: string };
  seed: number;
  scale: number;
  documents: string | null;
  out: string;
  json: boolean;
  jobs: number;
  repeat: number;
  /** null: do not hold; Infinity: until Ctrl-C. */
  holdMs: number | null;
  retainPromises: boolean;
  ci: CiSettings;
}

const MAX_SEED = 2 ** 31 - 1;

/**
 * @param found what is wrong with the command's other options.
 * @param known the config, where no file holds it.
 * @throws HanglabError `bad-usage` with every problem at once; `no-config`, `bad-config`.
 */
export async function parseRunOptions(
  names: string[],
  raw: RawRunOptions,
  found: readonly string[] = [],
  known: LoadedConfig | null = null,
): Promise<RunSettingsParsed> {
  const loaded = known ?? (await loadConfig(raw.config ?? null));
  const problems = [...found];
  const check = (problem: string | null): void => {
    if (problem) problems.push(problem);
  };
  const variants = Object.keys(loaded.config.variants ?? {});
  const variant = variantOf(raw, variants, check);
  problems.push(...selectionProblems(loaded));
  for (const name of names) {
    check(variantProblem(name, loaded) ?? scenarioProblem(scenarioGiven(name, loaded)));
  }
  const settings: RunSettingsParsed = {
    names: namesOf(names, raw.all ?? false, loaded, check),
    loaded,
    variant,
    toxiproxy: toxiproxyOf(raw.toxiproxy, check),
    seed:
      raw.seed === undefined
        ? Math.floor(Math.random() * MAX_SEED)
        : parseInteger('--seed', raw.seed, 0, MAX_SEED, check),
    scale: raw.scale === undefined ? 1 : scaleOf(raw.scale, check),
    documents: raw.documents ?? null,
    out: raw.out,
    json: raw.json ?? false,
    jobs: raw.jobs === undefined ? 1 : parseInteger('--jobs', raw.jobs, 1, 64, check),
    repeat: raw.repeat === undefined ? 1 : parseInteger('--repeat', raw.repeat, 1, 1000, check),
    holdMs: holdOf(raw.hold, check),
    retainPromises: raw.retainPromises ?? false,
    ci: parseCiOptions(raw, names, variants, check),
  };
  if (problems.length > 0) throw usageError(problems);
  checkOut(settings.out);
  return settings;
}

/** A defect where a scenario belongs: the command that was meant. */
function variantProblem(name: string, { config, exports, isBundled }: LoadedConfig): string | null {
  if (!Object.hasOwn(config.variants ?? {}, name)) return null;
  const rows = (exports.matrix ?? []) as readonly MatrixRow[];
  const scenario = rows.find(({ defect }) => defect === name)?.scenario ?? 'SCENARIO';
  const [what, flag] = isBundled ? ['a defect', '--defect'] : ['a variant', '--variant'];
  return `"${name}" is ${what}, not a scenario: \`hanglab run ${scenario} ${flag} ${name}\``;
}

function variantOf(
  { variant, defect }: RawRunOptions,
  known: readonly string[],
  report: Report,
): string | null {
  if (variant !== undefined && defect !== undefined) {
    report('--variant and --defect mean the same: expected one of them');
  }
  const flag = variant === undefined ? 'defect' : 'variant';
  const name = variant ?? defect ?? null;
  if (name === null || known.includes(name)) return name;
  report(
    `there is no ${flag} "${name}".${didYouMean(name, known)} \`hanglab list\` shows them all`,
  );
  return name;
}

function namesOf(names: string[], all: boolean, loaded: LoadedConfig, report: Report): string[] {
  if (all && names.length > 0) report('--all: expected either names or --all, not both');
  if (all || names.length === 0) return chosenScenarios(loaded, all);
  return names.map((name) => scenarioGiven(name, loaded));
}

export function usageError(problems: string[]): HanglabError {
  if (problems.length === 1) return new HanglabError('bad-usage', problems[0]!);
  return new HanglabError('bad-usage', `${problems.length} things are wrong:`, { problems });
}

type Report = (problem: string | null) => void;

function scaleOf(text: string, report: Report): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 1000)) {
    report(`--scale ${text}: expected a number from 0.1 to 1000`);
  }
  return value;
}

function holdOf(hold: string | true | undefined, report: Report): number | null {
  if (hold === undefined) return null;
  if (hold === true) {
    if (process.stdout.isTTY) return Number.POSITIVE_INFINITY;
    report(
      '--hold: without a terminal there is no Ctrl-C to wait for; give it a duration, like --hold 5m',
    );
    return null;
  }
  try {
    return toMs(hold);
  } catch (error) {
    report(`--hold: ${messageOf(error)}`);
    return null;
  }
}

/** A provider's name or the URL of a running Toxiproxy; without either, `TOXIPROXY_URL`, else embedded. */
export function toxiproxyOf(
  given: string | undefined,
  report: Report,
): { provider: ProviderName; url?: string } {
  const wanted = given ?? process.env.TOXIPROXY_URL;
  if (!wanted) return { provider: 'embedded' };
  if (/^https?:\/\//.test(wanted)) return { provider: 'url', url: wanted };
  const names = PROVIDER_NAMES.filter((name) => name !== 'url');
  if (names.includes(wanted as never)) return { provider: wanted as ProviderName };
  const flag = given === undefined ? 'TOXIPROXY_URL' : '--toxiproxy';
  report(`${flag} ${wanted}: expected ${names.join(', ')} or a URL.${didYouMean(wanted, names)}`);
  return { provider: 'embedded' };
}
