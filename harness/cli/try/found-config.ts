/** The config of what was found out, as a file. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import type { TargetConfig } from '../../target/config/config.ts';
import { configSource } from '../../target/config/write-config.ts';
import { modelVariableNames } from '../../target/discovery/model-variables.ts';
import type { Candidate } from '../../target/discovery/offered.ts';
import type { ServerSettings } from './server-options.ts';

export interface FoundConfig {
  config: TargetConfig;
  /** The operations that it has. */
  candidates: readonly Candidate[];
  /** Upstreams that the server was seen to call; null where nobody has looked. */
  called: ReadonlySet<string> | null;
}

/**
 * @param file where it will stand: paths in it are relative to its folder.
 * @param folder that the server runs in.
 */
export function foundSource(
  { config, candidates, called }: FoundConfig,
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
    config: inFolder(withoutUncalled(config, called), below('.')),
    comments,
    notes: ['Found out by hanglab. Each comment below is a guess: correct it where it is wrong.'],
    secrets: [...server.secrets, ...kept.flatMap(({ secrets = [] }) => secrets)],
    files: kept.flatMap(({ files = [] }) =>
      files.map(({ text, path }) => ({ text, path: below(path) })),
    ),
  });
}

function inFolder(config: TargetConfig, cwd: string): TargetConfig {
  const { server } = config;
  if (!('command' in server)) return config;
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

/** A model that is never called needs no variables, and no link. */
function withoutUncalled(config: TargetConfig, called: ReadonlySet<string> | null): TargetConfig {
  const { llm, ...others } = config.upstreams ?? {};
  if (llm === undefined || called === null || called.has('llm')) return config;
  const { server } = config;
  if (!('command' in server)) return config;
  const names = modelVariableNames();
  const env = Object.fromEntries(
    Object.entries(server.env ?? {}).filter(([name]) => !names.has(name)),
  );
  const { env: _, ...rest } = server;
  return {
    ...config,
    server: { ...rest, ...(Object.keys(env).length === 0 ? {} : { env }) },
    upstreams: others,
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
