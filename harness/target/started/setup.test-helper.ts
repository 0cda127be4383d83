/** Small configs with a setup, started as a run would start them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../config/load-config.ts';
import type { RunningTarget } from '../target.ts';

const SERVER = `
  const { createServer } = require('node:http');
  const version = require('node:fs').readFileSync('version', 'utf8').trim();
  createServer((_, response) => response.end('version ' + version)).listen(process.env.PORT, '127.0.0.1');
`;

const WRONG: Readonly<Record<string, object>> = {
  wrong: {
    server: { command: 'node x.js', setup: 'npm i x --port ${port}' },
    variants: { wrong: { cwd: '${stup}/x' } },
  },
  none: { server: { command: '${setup}/bin/x' } },
};

export async function loadedTarget(
  folder: string,
  variant: string,
  scratch: string,
): Promise<RunningTarget> {
  writeFileSync(join(folder, 'server.cjs'), SERVER);
  const config = WRONG[variant] ?? {
    server: {
      command: [process.execPath, join(folder, 'server.cjs')],
      setup: 'echo 1 > version',
      cwd: '${setup}',
    },
    variants: { second: { setup: 'echo 2 > version' } },
  };
  const file = join(folder, `${variant}.mjs`);
  writeFileSync(file, `export default ${JSON.stringify(config)};`);
  const { target } = await loadConfig(file);
  const runFolder = join(scratch, `run-${variant}`);
  mkdirSync(runFolder, { recursive: true });
  return target(variant).open({
    port: 0,
    upstreams: {},
    folder: runFolder,
    logFile: join(runFolder, 'target.log'),
    watchGroup() {},
    forgetGroup() {},
    watchContainer() {},
    forgetContainer() {},
    signal: new AbortController().signal,
  });
}
