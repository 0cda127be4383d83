/** What there is to run: scenarios are found by their file names. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { didYouMean, HanglabError, messageOf } from '../platform/errors.ts';
import type { Scenario } from './scenario.ts';

const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const SCENARIOS = new URL('../../scenarios/', import.meta.url);
/** What `run` runs without names: a first look that ends within a minute. `--all` runs the rest too. */
export const SHORT_SUITE = ['upload-burst', 'llm-slow', 'llm-goes-silent'] as const;

export function scenarioNames(): string[] {
  return [...filesIn(SCENARIOS).keys()].sort();
}

/** What is wrong about `name`, null when there is such a scenario. A path to a file is one of your own. */
export function scenarioProblem(name: string): string | null {
  if (isPath(name)) return existsSync(name) ? null : `there is no scenario file ${name}`;
  const names = scenarioNames();
  if (names.includes(name)) return null;
  return `there is no scenario "${name}".${didYouMean(name, names)} \`hanglab list\` shows them all`;
}

/** @throws HanglabError `bad-scenario` for a file that does not export one. */
export async function loadScenario(name: string): Promise<{ name: string; scenario: Scenario }> {
  const url = pathToFileURL(scenarioFile(name));
  let module: { default?: Scenario };
  try {
    module = (await import(url.href)) as { default?: Scenario };
  } catch (error) {
    if (error instanceof HanglabError) throw error;
    throw new HanglabError(
      'bad-scenario',
      `scenario ${name} cannot be loaded: ${messageOf(error)}`,
    );
  }
  if (!module.default?.phases) {
    throw new HanglabError('bad-scenario', `${name} does not export a scenario by default`);
  }
  return { name: scenarioNameOf(name), scenario: module.default };
}

/** The name of a scenario that was given by its name or its file. */
export function scenarioNameOf(given: string): string {
  return isPath(given) ? basename(given).replace(/\.[^.]+$/, '') : given;
}

/** The path of its file. */
export function scenarioFile(given: string): string {
  return isPath(given) ? resolve(given) : (filesIn(SCENARIOS).get(given) ?? given);
}

function isPath(name: string): boolean {
  return /[/\\]|\.[jt]s$/.test(name);
}

/** The path of each module in the folders below `folder`, by its name; those directly in it serve them. */
function filesIn(folder: URL): Map<string, string> {
  const path = fileURLToPath(folder);
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(EXTENSION) && !/\.(test|d)\.[jt]s$/.test(file))
    .filter((file) => dirname(file) !== '.');
  return new Map(files.map((file) => [basename(file, EXTENSION), join(path, file)]));
}
