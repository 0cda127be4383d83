/** The options of `compare`, checked all at once before anything is started. */
import { MOST_PAIRS } from '../../compare/decide.ts';
import type { Side } from '../../compare/side-run.ts';
import { didYouMean } from '../../platform/errors.ts';
import { type LoadedConfig, loadConfig } from '../../target/config/load-config.ts';
import type { Target } from '../../target/target.ts';
import { parseRunOptions, type RawRunOptions, type RunSettingsParsed } from '../run/run-options.ts';
import { parseInteger } from '../shared/parse-integer.ts';

export interface RawCompareOptions
  extends Pick<
    RawRunOptions,
    'config' | 'toxiproxy' | 'seed' | 'scale' | 'documents' | 'out' | 'timeout' | 'json'
  > {
  a?: string;
  b?: string;
  pairs: string;
}

/** One of the two versions. Where it comes from, a variant or a command, is no matter here. */
export interface ComparedSide {
  name: string;
  /** The variant of the config that it is; null for none. */
  variant: string | null;
  /** As declared: not calibrated yet. */
  target: Target;
}

export interface CompareSettings {
  run: RunSettingsParsed;
  sides: Readonly<Record<Side, ComparedSide>>;
  mostPairs: number;
}

/** How the server of a config is called that is none of its variants. */
const WITHOUT_VARIANT = 'the config as it is';

/** @throws HanglabError `bad-usage` with every problem at once; `no-config`, `bad-config`. */
export async function parseCompareOptions(
  names: string[],
  raw: RawCompareOptions,
): Promise<CompareSettings> {
  const loaded = await loadConfig(raw.config ?? null);
  const problems = sideProblems(raw, loaded);
  const mostPairs = parseInteger('--pairs', raw.pairs, 1, MOST_PAIRS, (each) =>
    problems.push(each),
  );
  const { a, b, pairs: _, ...rest } = raw;
  const run = await parseRunOptions(names, rest, problems);
  return { run, mostPairs, sides: { a: sideOf(a, run.loaded), b: sideOf(b, run.loaded) } };
}

function sideOf(variant: string | undefined, loaded: LoadedConfig): ComparedSide {
  const name = variant ?? WITHOUT_VARIANT;
  return { name, variant: variant ?? null, target: loaded.target(variant ?? null) };
}

function sideProblems({ a, b }: RawCompareOptions, { config }: LoadedConfig): string[] {
  const known = Object.keys(config.variants ?? {});
  const problems = [['--a', a] as const, ['--b', b] as const].flatMap(([flag, name]) => {
    if (name === undefined || known.includes(name)) return [];
    const all =
      known.length === 0 ? ' The config has none' : ` Expected one of ${known.join(', ')}`;
    return [`${flag} ${name}: there is no such variant.${didYouMean(name, known) || all}`];
  });
  if (a === undefined && b === undefined) {
    problems.push('expected --a VARIANT, --b VARIANT or both: the old version and the new one');
  } else if (a === b) problems.push(`--a ${a} --b ${b}: expected two versions`);
  return problems;
}
