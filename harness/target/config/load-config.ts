/** Finds the config, reads it, and checks it whole before anything is started. */
import { existsSync } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean, HanglabError } from '../../platform/errors.ts';
import { importModule } from '../../platform/import-module.ts';
import type { Target } from '../target.ts';
import { buildTarget } from './build-target.ts';
import type { TargetConfig, VariantConfig } from './config.ts';
import { configProblems } from './problems.ts';
import { shapeProblems } from './schema.ts';

export const CONFIG_NAMES = ['hanglab.config.ts', 'hanglab.config.mts', 'hanglab.config.js'];

/** The server that comes with hanglab: taken where there is no other config. */
const BUNDLED = ['../../../target/hanglab.config.ts', '../../../target/hanglab.config.js'];

export interface LoadedConfig {
  /** Its path; null for one that was found out, not written. */
  file: string | null;
  folder: string;
  isBundled: boolean;
  config: TargetConfig;
  /** What else the file exports by name: `matrix`, `stories`. */
  exports: Readonly<Record<string, unknown>>;
  /** The target, as one of the config's variants where one is named. */
  target(variant: string | null): Target;
}

/**
 * The config of `given`, else the nearest one upwards from `from`, else the bundled server's.
 * @throws HanglabError `no-config`, `bad-config` with every problem at once.
 */
export async function loadConfig(
  given: string | null,
  from = process.cwd(),
): Promise<LoadedConfig> {
  const file = given === null ? (findUpwards(from) ?? bundledFile()) : resolve(from, given);
  if (file === null || !existsSync(file)) {
    const message =
      given === null
        ? `there is no ${CONFIG_NAMES[0]} here or above; write one by \`hanglab init\``
        : `--config ${given}: there is no such file`;
    throw new HanglabError('no-config', message);
  }
  const exports = await importConfig(file);
  const config = exports.default as TargetConfig;
  const problems = problemsOf(config);
  if (problems.length > 0) {
    throw new HanglabError('bad-config', `${file} is not a valid config:`, { problems });
  }
  return {
    ...loadedConfig(config, dirname(file)),
    file,
    isBundled: file === bundledFile(),
    exports,
  };
}

/** One that no file holds: what `try` has found out. */
export function loadedConfig(config: TargetConfig, folder: string): LoadedConfig {
  return {
    file: null,
    folder,
    isBundled: false,
    config,
    exports: {},
    target: (variant) => buildTarget(config, folder, variantOf(config, variant)),
  };
}

/** What is wrong with a config, all of it; names and addresses only when its shape is right. */
export function problemsOf(config: TargetConfig): string[] {
  const shape = shapeProblems(config);
  return shape.length > 0 ? shape : configProblems(config);
}

/** The nearest config at or above `folder`; null when there is none. */
export function findUpwards(folder: string): string | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = CONFIG_NAMES.map((name) => join(at, name)).find(existsSync);
    if (found) return found;
    if (at === parse(at).root) return null;
  }
}

function bundledFile(): string | null {
  const files = BUNDLED.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return files.find(existsSync) ?? null;
}

async function importConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  const module = await importModule(file, 'bad-config');
  if (module.default !== undefined) return module;
  const message = `${file} has no default export; expected \`export default defineConfig({ … })\``;
  throw new HanglabError('bad-config', message);
}

function variantOf({ variants = {} }: TargetConfig, name: string | null): VariantConfig | null {
  if (name === null) return null;
  const variant = variants[name];
  if (variant) return variant;
  const known = Object.keys(variants);
  throw new HanglabError(
    'no-such-variant',
    `there is no variant "${name}".${didYouMean(name, known)} \`hanglab list\` shows them all`,
  );
}
