/** The command that runs the same plan again: for people, and as a script that works from anywhere. */
import { fileURLToPath } from 'node:url';

export interface RunSettings {
  scenario: string;
  /** The variant of the target that ran. */
  defect: string | null;
  seed: number;
  scale: number;
  toxiproxy: string;
  documents: string | null;
  /** The config, where it is not the bundled server's. */
  config?: string;
  retainPromises?: boolean;
  /** The tool of clinic that the target ran under. */
  profiler?: string;
}

/** Variables that decide what a run does. */
const VARIABLES = /^(TOXIPROXY_URL|NODE_OPTIONS|HANGLAB_.*|TARGET_.*)$/;
const BIN = fileURLToPath(new URL(binFrom(import.meta.url), import.meta.url));

/** `npx hanglab ...`, as a person would type it where the run was started. */
export function reproCommand(settings: RunSettings): string {
  return ['npx', 'hanglab', ...wordsOf(settings)].map(shellWord).join(' ');
}

/** The script: the copy of hanglab that wrote it, in the folder and with the variables of the run. */
export function reproScript(
  settings: RunSettings,
  folder = process.cwd(),
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const variables = Object.entries(environment).filter(([name]) => VARIABLES.test(name));
  return [
    '#!/bin/sh',
    '# Runs the same plan again: the seed draws every random choice.',
    `cd ${shellWord(folder)} || exit 3`,
    ...variables.map(([name, value = '']) => `export ${name}=${shellWord(value)}`),
    `exec ${[process.execPath, BIN, ...wordsOf(settings)].map(shellWord).join(' ')} "$@"`,
    '',
  ].join('\n');
}

function wordsOf(settings: RunSettings): string[] {
  const { scenario, defect, seed, scale, toxiproxy, documents, config, profiler } = settings;
  const command = profiler ? ['profile', scenario, '--with', profiler] : ['run', scenario];
  const words = [...command, '--seed', String(seed)];
  if (config) words.push('--config', config, ...(defect ? ['--variant', defect] : []));
  else if (defect) words.push('--defect', defect);
  if (scale !== 1) words.push('--scale', String(scale));
  if (toxiproxy !== 'embedded') words.push('--toxiproxy', toxiproxy);
  if (documents) words.push('--documents', documents);
  if (settings.retainPromises) words.push('--retain-promises');
  return words;
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Two folders above this file in a checkout, three in the built package. */
function binFrom(url: string): string {
  return url.endsWith('.ts') ? '../../bin/hanglab.js' : '../../../bin/hanglab.js';
}
