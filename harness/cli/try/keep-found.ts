/** Keeps the config of what was found out, so that its runs can be done again. */
import { join } from 'node:path';
import { displayPath } from '../../platform/display-path.ts';
import type { FoundOut } from './find-out.ts';
import { foundSource, writeConfigFile } from './found-config.ts';
import type { ServerSettings } from './server-options.ts';

export const CONFIG_NAME = 'hanglab.config.ts';

/** In the report folder, so that any of the runs can be done again by `hanglab run --config`. */
export function keepFound(found: FoundOut, server: ServerSettings, folder: string): string {
  const file = join(found.folder, CONFIG_NAME);
  writeConfigFile(file, foundSource(sourceParts(found), server, file, folder));
  return displayPath(file);
}

export function sourceParts({ config, discovery, calibration }: FoundOut) {
  const candidates = discovery.operations.map(({ candidate }) => candidate);
  return { config, candidates, called: calibration.called };
}
