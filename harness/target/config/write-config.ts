/**
 * Writes a config file of what was found out, as short as it can be. What is secret is not in it: it is read from
 * the environment.
 */
import { commandWords } from './build-target.ts';
import type { TargetConfig } from './config.ts';
import { quoted, sourceOf, template } from './source-text.ts';

export interface WrittenConfig {
  /** Plain data, no functions. */
  config: TargetConfig;
  /** Comments by the path of a member, `operations.upload`: what was guessed. */
  comments: Readonly<Record<string, readonly string[]>>;
  /** Comments at its top, a line each. */
  notes: readonly string[];
  /** Values that are not written: each is read from its variable, by an expression of its own where it has one. */
  secrets: readonly { value: string; variable: string; expression?: string }[];
  /** The server gets the variables by which clients of models find the scripted one, besides its `env`. */
  usesModelEnv?: boolean;
  /** Texts that are in files, with their paths from the config's folder. */
  files: readonly { text: string; path: string }[];
}

/** The text of a `hanglab.config.ts` that gives the same target again. */
export function configSource(written: WrittenConfig): string {
  const { config, comments, notes, secrets, files, usesModelEnv = false } = written;
  const variables = variablesFor(secrets);
  const fileOf = new Map(files.map(({ text, path }) => [text, path]));
  let readsFiles = false;
  const body = sourceOf(shortest(usesModelEnv ? withEnv(config) : config), {
    comments: (path) => (comments[path] ?? []).map(oneLine),
    spreads: (path) => (usesModelEnv && path === 'server.env' ? ['modelEnv()'] : []),
    expression(text) {
      const file = fileOf.get(text);
      if (file === undefined) return withVariables(text, variables);
      readsFiles = true;
      return `readFileSync(new URL(${quoted(file)}, import.meta.url), 'utf8')`;
    },
  });
  const used = [...variables.values()]
    .map(({ name }) => name)
    .filter((name) => body.includes(`process.env.${name}`));
  const needed = used.length === 0 ? [] : [`Set ${listOf(used)} before a run.`];
  return [
    ...(readsFiles ? ["import { readFileSync } from 'node:fs';"] : []),
    `import { defineConfig${usesModelEnv ? ', modelEnv' : ''} } from 'hanglab';`,
    '',
    ...[...notes, ...needed].map((note) => `// ${oneLine(note)}`),
    `export default defineConfig(${body});`,
    '',
  ].join('\n');
}

/** With an `env`, if only an empty one. */
function withEnv(config: TargetConfig): TargetConfig {
  const { server } = config;
  if (!('command' in server) || 'container' in server) return config;
  return { ...config, server: { ...server, env: server.env ?? {} } };
}

/** A command of plain words in one text; what says nothing is left out. */
function shortest(config: TargetConfig): TargetConfig {
  const { server } = config;
  const parts = Object.entries(config).filter(
    ([, part]) => typeof part !== 'object' || Object.keys(part).length > 0,
  );
  const short = Object.fromEntries(parts) as unknown as TargetConfig;
  if (!('command' in server) || 'container' in server) return short;
  if (typeof server.command === 'string') return short;
  const line = server.command.join(' ');
  const isSame = commandWords(line).join('\0') === server.command.join('\0');
  return isSame ? { ...short, server: { ...server, command: line } } : short;
}

interface Variable {
  name: string;
  expression: string;
}

/** A variable for each value: two values of the same name get two. */
function variablesFor(secrets: WrittenConfig['secrets']): Map<string, Variable> {
  const variables = new Map<string, Variable>();
  for (const { value, variable, expression } of secrets) {
    if (value === '' || variables.has(value)) continue;
    const taken = new Set([...variables.values()].map(({ name }) => name));
    let name = variable;
    for (let n = 2; taken.has(name); n++) name = `${variable}_${n}`;
    variables.set(value, { name, expression: expression ?? `process.env.${name} ?? ''` });
  }
  return variables;
}

/** The text as an expression when it is secret, or a value in its query is; null when nothing is. */
function withVariables(text: string, variables: ReadonlyMap<string, Variable>): string | null {
  const whole = variables.get(text);
  if (whole !== undefined) return whole.expression;
  if (!text.startsWith('/')) return null;
  const parts = text.split(/([?&][^=&]*=)/).map((part) => {
    const variable = variables.get(part);
    return variable === undefined ? { text: part } : { expression: variable.expression };
  });
  return parts.some((part) => 'expression' in part) ? template(parts) : null;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\s\u2028\u2029]+/g, ' ').trim();
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
