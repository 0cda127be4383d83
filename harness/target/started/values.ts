/** What a run gives a target that it starts: its values for `${…}`, and a folder for its temporary files. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Values } from '../config/template.ts';
import type { TargetContext } from '../target.ts';

/** Where its temporary files go: below its own folder, so that they go with it. */
export function temporaryFolderIn({ folder }: TargetContext): string {
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  return temporary;
}

/** What `${…}` stands for in the command and the environment. */
export function valuesFor({ port, folder, upstreams }: TargetContext): Values {
  const links = Object.entries(upstreams).flatMap(([name, { kind, host, port: at }]) => [
    // Clients of models take a URL, those of most other services a host and a port.
    [name, kind === 'model' ? `http://${host}:${at}` : `${host}:${at}`],
    [`${name}.host`, host],
    [`${name}.port`, String(at)],
    [`${name}.url`, `http://${host}:${at}`],
  ]);
  return { port: String(port), tmp: folder, ...Object.fromEntries(links) };
}
