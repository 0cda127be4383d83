/** Where a real toxiproxy-server is on this machine. */
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The version that hanglab is tried with, and that `hanglab setup` installs. */
export const TOXIPROXY_VERSION = '2.12.0';

/** Names a binary to use before all others. */
export const BINARY_VARIABLE = 'HANGLAB_TOXIPROXY_BINARY';

/** Where `hanglab setup` puts it. */
export function cachedBinaryPath(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'hanglab', `toxiproxy-server-${TOXIPROXY_VERSION}`);
}

/** The one that the environment names, else one on the PATH, else the cached one; undefined if none. */
export async function findBinary(): Promise<string | undefined> {
  const named = process.env[BINARY_VARIABLE];
  if (named) return (await isExecutable(named)) ? named : undefined;
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'toxiproxy-server'));
  for (const path of [...onPath, cachedBinaryPath()]) if (await isExecutable(path)) return path;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
