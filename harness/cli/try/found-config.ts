/** The config of what was found out, as a file. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import type { TargetConfig } from '../../target/config/config.ts';
import { configSource } from '../../target/config/write-config.ts';
import type { Candidate } from '../../target/discovery/offered.ts';
import type { ServerSettings } from './server-options.ts';

export interface FoundConfig {
  config: TargetConfig;
  /** The operations that it has. */
  candidates: readonly Candidate[];
  /** Upstreams that the server was seen to call; null where it was not started. */
  called: ReadonlySet<string> | null;
  /** Further comments, by the path of a member. */
  comments?: Readonly<Record<string, readonly string[]>>;
}

/**
 * @param file the path that it will have: paths in it are relative to its folder.
 * @param folder that the server runs in.
 */
export function foundSource(
  { config, candidates, called, comments: others = {} }: FoundConfig,
  server: ServerSettings,
  file: string,
  folder: string,
): string {
  const from = dirname(resolve(file));
  const below = (path: string): string => relative(from, resolve(folder, path)) || '.';
  const kept = candidates.filter(({ name }) => config.operations?.[name] !== undefined);
  const comments = Object.fromEntries(
    kept.map(({ name, guesses }) => [
      `operations.${name}`,
      guesses.map((guess) => `A guess: ${guess}.`),
    ]),
  );
  return configSource({
    config: inFolder(withoutModelVariables(config, server, called), below('.')),
    usesModelEnv: usesModel(config, server, called),
    comments: { ...comments, ...others },
    notes: ['Found out by hanglab. Each comment below is a guess: correct it where it is wrong.'],
    secrets: [...server.secrets, ...kept.flatMap(({ secrets = [] }) => secrets)],
    files: kept.flatMap(({ files = [] }) =>
      files.map(({ text, path }) => ({ text, path: below(path) })),
    ),
  });
}

/** A model that was never called needs no variables. */
function usesModel(
  { upstreams = {} }: TargetConfig,
  { models }: ServerSettings,
  called: ReadonlySet<string> | null,
): boolean {
  const isCalled = called === null || called.has('llm');
  return upstreams.llm !== undefined && isCalled && Object.keys(models.set).length > 0;
}

/** Without what `modelEnv` gives, and without a link that nothing was seen to use. */
function withoutModelVariables(
  config: TargetConfig,
  { models }: ServerSettings,
  called: ReadonlySet<string> | null,
): TargetConfig {
  const { server } = config;
  if (!('command' in server) || 'container' in server) return config;
  const { env: before = {}, ...rest } = server;
  const env = Object.fromEntries(
    Object.entries(before).filter(([name, value]) => models.set[name] !== value),
  );
  const { llm, ...others } = config.upstreams ?? {};
  const isUsed = llm !== undefined && (called === null || called.has('llm'));
  return {
    ...config,
    server: { ...rest, ...(Object.keys(env).length === 0 ? {} : { env }) },
    upstreams: isUsed ? { llm, ...others } : others,
  };
}

function inFolder(config: TargetConfig, cwd: string): TargetConfig {
  const { server } = config;
  if (!('command' in server) || 'container' in server) return config;
  const { ready, ...rest } = server;
  // The path of its health is waited for when nothing else is said.
  const isByHealth = ready === 'port' && typeof config.health === 'string';
  return {
    ...config,
    server: {
      ...rest,
      ...(ready === undefined || isByHealth ? {} : { ready }),
      ...(cwd === '.' ? {} : { cwd }),
    },
  };
}

/** What is wrong with writing there, null when nothing is. */
export function unwritableConfig(file: string): string | null {
  if (!existsSync(dirname(resolve(file)))) return `--write ${file}: there is no such folder`;
  return existsSync(file) ? `--write ${file}: it is there already, and is not overwritten` : null;
}

/** @throws HanglabError `config-not-written` */
export function writeConfigFile(file: string, source: string): void {
  try {
    // It may have come to be there meanwhile.
    writeFileSync(file, source, { flag: 'wx' });
  } catch (error) {
    throw new HanglabError('config-not-written', `${file}: ${messageOf(error)}`);
  }
}
