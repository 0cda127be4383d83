/** Reads the settings: file, then environment, then flags; later ones win. All problems at once. */
import { readFileSync } from 'node:fs';
import { didYouMean, HanglabError, messageOf } from '../../harness/platform/errors.ts';
import {
  type Config,
  configSchema,
  flagOf,
  SETTING_NAMES,
  type SettingName,
  settings,
  variableOf,
} from './schema.ts';

interface Sources {
  flags: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
}

export interface Loaded {
  config: Config;
  /** The defect asked for, not yet looked up. */
  defect: string | null;
  help: boolean;
}

interface Setting {
  value: unknown;
  /** Where it came from, in the reader's own words: `--attempt-ms`, `TARGET_ATTEMPT_MS`. */
  from: string;
}

/**
 * The settings of `sources`, validated.
 * @throws HanglabError `bad-config` with every problem found.
 */
export function loadConfig(sources: Sources): Loaded {
  const problems: string[] = [];
  const flags = readFlags(sources.flags, problems);
  const environment = readEnvironment(sources.environment, problems);
  const configFile = flags.get('config') ?? environment.get('config');
  const file = configFile ? readFile(String(configFile.value), problems) : new Map();
  const merged = new Map<string, Setting>([...file, ...environment, ...flags]);

  const defect = merged.get('defect')?.value ?? null;
  const help = flags.has('help');
  for (const name of ['config', 'defect', 'help']) merged.delete(name);

  const values = Object.fromEntries([...merged].map(([name, { value }]) => [name, value]));
  const parsed = configSchema.safeParse(values);
  if (!parsed.success && !help) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0] ?? '');
      const from = merged.get(name)?.from;
      problems.push(
        from
          ? `${from}: ${issue.message} (given: ${shown(name, values[name])})`
          : `${flagOf(name)} is missing: ${settings[name as SettingName]?.description ?? issue.message}`,
      );
    }
  }
  if (problems.length > 0 && !help) {
    throw new HanglabError('bad-config', 'the settings cannot be used', { problems });
  }
  return { config: parsed.data as Config, defect: defect === null ? null : String(defect), help };
}

/** A value as it may be printed. */
function shown(name: string, value: unknown): string {
  if (name === 'apiKey') return '[redacted]';
  return JSON.stringify(value).replace(/\/\/[^/@]*@/, '//[redacted]@');
}

function readFlags(given: readonly string[], problems: string[]): Map<string, Setting> {
  const known = [...SETTING_NAMES, 'config', 'defect'];
  const found = new Map<string, Setting>();
  for (let i = 0; i < given.length; i++) {
    const argument = given[i] as string;
    const [flag = '', inline] = split(argument);
    if (flag === '--help') {
      found.set('help', { value: true, from: flag });
      continue;
    }
    const name = known.find((candidate) => flagOf(candidate) === flag);
    const value = inline ?? given[i + 1];
    if (inline === undefined && value !== undefined && !value.startsWith('--')) i++;
    if (!name) {
      problems.push(
        flag.startsWith('--')
          ? `${flag} is not a flag of this server.${didYouMean(flag, known.map(flagOf))}`
          : `"${argument}" stands alone: only flags are expected`,
      );
    } else if (value === undefined || (inline === undefined && value.startsWith('--'))) {
      problems.push(`${flag} needs a value`);
    } else {
      found.set(name, { value, from: flag });
    }
  }
  return found;
}

function split(argument: string): [string, string | undefined] {
  const at = argument.startsWith('--') ? argument.indexOf('=') : -1;
  return at < 0 ? [argument, undefined] : [argument.slice(0, at), argument.slice(at + 1)];
}

function readEnvironment(
  environment: Sources['environment'],
  problems: string[],
): Map<string, Setting> {
  const known = [...SETTING_NAMES, 'config', 'defect'];
  const found = new Map<string, Setting>();
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('TARGET_') || value === undefined || value === '') continue;
    const name = known.find((candidate) => variableOf(candidate) === variable);
    // A variable that is not a misspelt one of ours may belong to another program.
    const slip = nearestVariable(variable, known);
    if (name) found.set(name, { value, from: variable });
    else if (slip) problems.push(`${variable} is unknown.${slip}`);
  }
  return found;
}

function nearestVariable(variable: string, known: readonly string[]): string {
  const names = known.map((name) => variableOf(name).toLowerCase());
  const hint = didYouMean(variable.toLowerCase(), names);
  return hint.replace(/"[^"]+"/, (name) => name.toUpperCase());
}

function readFile(path: string, problems: string[]): Map<string, Setting> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    problems.push(`--config ${path} cannot be read as JSON: ${messageOf(error)}`);
    return new Map();
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push(`--config ${path} must hold one JSON object`);
    return new Map();
  }
  const known: string[] = [...SETTING_NAMES, 'defect'];
  const found = new Map<string, Setting>();
  for (const [name, value] of Object.entries(content)) {
    if (known.includes(name)) found.set(name, { value, from: `${path}: ${name}` });
    else problems.push(`${path}: "${name}" is unknown.${didYouMean(name, known)}`);
  }
  return found;
}
