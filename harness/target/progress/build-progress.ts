/** How the progress of accepted work is read, as a config declares it. */
import type { ProgressConfig } from '../config/config.ts';
import { filesProgress } from './files.ts';
import { httpProgress } from './http.ts';
import { logProgress } from './log.ts';
import { metricsProgress } from './metrics.ts';
import type { ProgressSource } from './source.ts';
import { sqliteProgress } from './sqlite.ts';

/** @param folder of the config: relative paths begin there. */
export function buildProgress(config: ProgressConfig, folder: string): ProgressSource {
  if (typeof config === 'function') {
    return {
      name: 'a function of the config',
      read: ({ host, port }, signal) => config({ url: `http://${host}:${port}`, signal }),
    };
  }
  if ('get' in config) return httpProgress(config);
  if ('metrics' in config) return metricsProgress(config);
  if ('sqlite' in config) return sqliteProgress(config, folder);
  if ('files' in config) return filesProgress(config, folder);
  return logProgress(config);
}
