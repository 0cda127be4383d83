/** Which scenarios a run means: those that were named, else those that the config chooses, else all. */
import { isAbsolute, join } from 'node:path';
import type { ScenariosConfig } from '../target/config/config.ts';
import { isPath, scenarioNameOf, scenarioNames, scenarioProblem } from './catalogue.ts';

export interface SelectionSource {
  folder: string;
  config: { scenarios?: ScenariosConfig };
}

/** Names, and paths of files; a config's own files come last. */
export function chosenScenarios({ folder, config }: SelectionSource, all: boolean): string[] {
  const { include, exclude = [], files = [] } = config.scenarios ?? {};
  const own = files.map((file) => (isAbsolute(file) ? file : join(folder, file)));
  const names = all || include === undefined ? [...scenarioNames(), ...own] : [...include];
  return names
    .map((name) => own.find((file) => scenarioNameOf(file) === name) ?? name)
    .filter((given) => all || !exclude.includes(scenarioNameOf(given)));
}

/** A name that was given: the config's own file of that name comes before hanglab's. */
export function scenarioGiven(name: string, { folder, config }: SelectionSource): string {
  if (isPath(name)) return name;
  const own = (config.scenarios?.files ?? []).find((file) => scenarioNameOf(file) === name);
  if (own === undefined) return name;
  return isAbsolute(own) ? own : join(folder, own);
}

/** What is wrong with the names in the config's `scenarios`, a sentence each. */
export function selectionProblems(source: SelectionSource): string[] {
  const { include = [], exclude = [], files = [] } = source.config.scenarios ?? {};
  const problemsOf = (field: string, names: readonly string[]): string[] =>
    names.flatMap((name) => {
      const problem = scenarioProblem(scenarioGiven(name, source));
      return problem === null ? [] : [`scenarios.${field}: ${problem}`];
    });
  return [
    ...problemsOf('include', include),
    ...problemsOf('exclude', exclude),
    ...problemsOf(
      'files',
      files.map((file) => (isAbsolute(file) ? file : join(source.folder, file))),
    ),
  ];
}
