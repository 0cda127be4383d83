/** Which run `hanglab report` means: the one that is named, the latest, or the one in progress. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HanglabError } from '../../platform/errors.ts';
import { newestRuns } from '../../report/data/suite-page.ts';

export type Reported =
  | { kind: 'run'; folder: string }
  | { kind: 'suite'; out: string; folders: string[] }
  /** A result of `matrix`, `compare` or `soak`. */
  | { kind: 'json'; file: string; json: { schema: string } };

/**
 * @param path a run's folder, a folder with runs in it, or a JSON file; null: the latest run below `out`.
 * @throws HanglabError `no-such-run`.
 */
export function findReported(path: string | null, out: string): Reported {
  const wanted = path ?? join(out, 'latest');
  if (!existsSync(wanted)) {
    const hint = path === null ? `; \`hanglab run\` makes one, or name a folder` : '';
    throw new HanglabError('no-such-run', `there is no run at ${wanted}${hint}`);
  }
  // `latest` is a link; the page belongs into the folder itself.
  const real = realpathSync(wanted);
  if (statSync(real).isFile()) return { kind: 'json', file: real, json: jsonOf(real) };
  if (existsSync(join(real, 'scenario.json'))) return { kind: 'run', folder: real };
  // The folders of a comparison and of a soak.
  for (const name of ['compare.json', 'verdict.json']) {
    const file = join(real, name);
    if (existsSync(file)) return { kind: 'json', file, json: jsonOf(file) };
  }
  return { kind: 'suite', out: real, folders: newestRuns(real) };
}

function jsonOf(file: string): { schema: string } {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8')) as { schema?: unknown };
    if (typeof json.schema === 'string') return json as { schema: string };
  } catch {
    // Said below.
  }
  const expected = 'expected the JSON of `hanglab matrix`, `compare` or `soak`';
  throw new HanglabError('no-such-run', `${file}: ${expected}`);
}

/** The folder of the run in progress below `out`: the newest one without a verdict. @throws `no-such-run`. */
export function findRunning(path: string | null, out: string): string {
  if (path !== null) {
    const found = findReported(path, out);
    if (found.kind === 'run') return found.folder;
    throw new HanglabError('no-such-run', `${path} is not the folder of a run`);
  }
  const running = below(out)
    .flatMap(below)
    .filter((run) => existsSync(join(run, 'scenario.json')))
    .filter((run) => !existsSync(join(run, 'verdict.json')))
    .map((run) => ({ run, startedMs: statSync(join(run, 'scenario.json')).mtimeMs }))
    .toSorted((a, b) => b.startedMs - a.startedMs);
  const [newest] = running;
  if (newest) return newest.run;
  const hint = 'start one with `hanglab run`, or name the folder of a run';
  throw new HanglabError('no-such-run', `no run is in progress below ${out}: ${hint}`);
}

function below(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name));
}
