/** The options of `compare`, checked all at once before anything is started. */
import { MOST_PAIRS } from '../../compare/decide.ts';
import { parseRunOptions, type RawRunOptions, type RunSettingsParsed } from '../run/run-options.ts';
import { parseInteger } from '../shared/parse-integer.ts';
import { type RawSideOptions, type SideSource, sideSource } from './sides.ts';

export interface RawCompareOptions
  extends RawSideOptions,
    Pick<RawRunOptions, 'toxiproxy' | 'seed' | 'scale' | 'documents' | 'out' | 'timeout' | 'json'> {
  pairs: string;
}

export interface CompareOptions {
  run: RunSettingsParsed;
  source: SideSource;
  mostPairs: number;
}

/** @throws HanglabError `bad-usage` with every problem at once; `no-config`, `bad-config`. */
export async function parseCompareOptions(
  names: string[],
  raw: RawCompareOptions,
): Promise<CompareOptions> {
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(problem);
  const source = await sideSource(raw, process.cwd(), report);
  const mostPairs = parseInteger('--pairs', raw.pairs, 1, MOST_PAIRS, report);
  const { a: _a, b: _b, pairs: _pairs, config: _config, ...rest } = raw;
  const run = await parseRunOptions(names, rest, problems, source.loaded);
  return { run, source, mostPairs };
}
