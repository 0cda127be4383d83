/** What there is to run: scenarios are found by their file names. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean, HanglabError } from '../platform/errors.ts';
import { importModule } from '../platform/import-module.ts';
import { takeProblems } from '../platform/options.ts';
import type { Scenario } from './scenario.ts';

const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const SCENARIOS = new URL('../../scenarios/', import.meta.url);

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

/** @throws HanglabError `bad-scenario` for a file that does not export one, or declares it wrongly. */
export async function loadScenario(given: string): Promise<{ name: string; scenario: Scenario }> {
  const file = scenarioFile(given);
  takeProblems();
  const module = await importModule(file, 'bad-scenario');
  const scenario = module.default as Scenario | undefined;
  const problems = takeProblems();
  if (!scenario?.phases || !Object.isFrozen(scenario)) {
    const message = `${file} does not export a scenario; expected \`export default scenario({ … })\``;
    throw new HanglabError('bad-scenario', message, { problems });
  }
  return { name: scenarioNameOf(given), scenario };
}

/** The name of a scenario that was given by its name or its file. */
export function scenarioNameOf(given: string): string {
  return isPath(given) ? basename(given).replace(/\.[^.]+$/, '') : given;
}

/** The path of its file. */
export function scenarioFile(given: string): string {
  return isPath(given) ? resolve(given) : (filesIn(SCENARIOS).get(given) ?? given);
}

export function isPath(name: string): boolean {
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
