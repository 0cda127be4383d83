/** What there is to run: scenarios are found by their file names. */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean, HanglabError } from '../platform/errors.ts';
import { importModule } from '../platform/import-module.ts';
import { takeProblems } from '../platform/options.ts';
import type { Upstream } from '../target/upstreams.ts';
import { ANY_UPSTREAM, isForUpstreams, type UpstreamScenario } from './each-upstream.ts';
import type { Scenario } from './scenario.ts';

const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const SCENARIOS = new URL('../../scenarios/', import.meta.url);

export function scenarioNames(): string[] {
  return [...filesIn(SCENARIOS).keys()].sort();
}

/** What is wrong about `name`, null when there is such a scenario. A path to a file is one of your own. */
export function scenarioProblem(name: string): string | null {
  const { base } = partsOf(name);
  if (isPath(base)) return existsSync(base) ? null : `there is no scenario file ${base}`;
  const names = scenarioNames();
  if (names.includes(base)) return null;
  return `there is no scenario "${base}".${didYouMean(base, names)} \`hanglab list\` shows them all`;
}

/**
 * The scenario of a name, or of a file. One for each upstream is given as `NAME@UPSTREAM`; without an upstream
 * it is one that is skipped, since there is none.
 * @throws HanglabError `bad-scenario` for a file that does not export one, or declares it wrongly.
 */
export async function loadScenario(given: string): Promise<{ name: string; scenario: Scenario }> {
  const { base, upstream } = partsOf(given);
  const exported = await exportOf(base);
  const name = scenarioNameOf(given);
  if (isForUpstreams(exported)) {
    return { name, scenario: exported.forUpstream(upstream ?? ANY_UPSTREAM) };
  }
  if (upstream === null) return { name, scenario: exported };
  throw new HanglabError('bad-scenario', `${base} is not for one upstream: run it as ${base}`);
}

/** Each scenario that is for upstreams, once for each of these that it applies to. */
export async function forUpstreams(
  given: readonly string[],
  upstreams: Readonly<Record<string, Upstream>>,
): Promise<string[]> {
  const expanded = given.map(async (each) => {
    const { base, upstream } = partsOf(each);
    const exported = upstream === null ? await exportOf(base) : null;
    if (!isForUpstreams(exported)) return [each];
    const names = Object.keys(upstreams).filter((name) =>
      exported.appliesTo(upstreams[name] as Upstream),
    );
    return names.length === 0 ? [each] : names.map((name) => `${each}@${name}`);
  });
  return (await Promise.all(expanded)).flat();
}

async function exportOf(base: string): Promise<Scenario | UpstreamScenario> {
  const file = scenarioFile(base);
  takeProblems();
  const { default: exported } = await importModule(file, 'bad-scenario');
  const problems = takeProblems();
  const isScenario = (exported as Scenario | undefined)?.phases !== undefined;
  if (Object.isFrozen(exported) && (isScenario || isForUpstreams(exported))) {
    return exported as Scenario | UpstreamScenario;
  }
  const message = `${file} does not export a scenario; expected \`export default scenario({ … })\``;
  throw new HanglabError('bad-scenario', message, { problems });
}

/** `NAME@UPSTREAM` in its parts. */
function partsOf(given: string): { base: string; upstream: string | null } {
  const [, base = given, upstream = null] = /^(.+)@([\w-]+)$/.exec(given) ?? [];
  return { base, upstream };
}

/** The name of a scenario that was given by its name or its file. */
export function scenarioNameOf(given: string): string {
  const { base, upstream } = partsOf(given);
  const name = isPath(base) ? basename(base).replace(/\.[^.]+$/, '') : base;
  return upstream === null ? name : `${name}@${upstream}`;
}

/** The path of its file. */
export function scenarioFile(given: string): string {
  const { base } = partsOf(given);
  return isPath(base) ? resolve(base) : (filesIn(SCENARIOS).get(base) ?? base);
}

export function isPath(name: string): boolean {
  return /[/\\]|\.[jt]s$/.test(name);
}

/** The path of each scenario below `folder`, by its name; modules directly in it, and fixtures, serve them. */
function filesIn(folder: URL): Map<string, string> {
  const path = fileURLToPath(folder);
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(EXTENSION) && !/\.(test|d)\.[jt]s$/.test(file))
    .filter((file) => dirname(file) !== '.' && !file.split(sep).includes('fixtures'));
  return new Map(files.map((file) => [basename(file, EXTENSION), join(path, file)]));
}
