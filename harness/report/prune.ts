/** `--keep N`: old run folders go, so that a build server's disk does not fill up. */
import { existsSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** As `makeReportFolder` names them: they sort as their times do. */
const RUN_FOLDER = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z(-\d+)?$/;

/**
 * Removes all but the newest `keep` run folders of each scenario under `out`, and returns what it removed.
 * Never what `latest` points to, what is in `spare`, or what hanglab has not written.
 */
export function pruneReports(out: string, keep: number, spare: readonly string[] = []): string[] {
  const root = realpathSync(out);
  const latest = join(root, 'latest');
  const spared = new Set(
    [latest, ...spare].filter((path) => existsSync(path)).map((path) => realpathSync(path)),
  );
  const removed: string[] = [];
  for (const scenario of foldersIn(root)) {
    const runs = foldersIn(scenario).filter(isRunFolder).toSorted(byTime);
    for (const folder of runs.slice(0, Math.max(0, runs.length - keep))) {
      if (spared.has(folder)) continue;
      rmSync(folder, { recursive: true, force: true });
      removed.push(folder);
    }
  }
  return removed;
}

/** Links are not followed: what they point to is somebody else's. */
function foldersIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name));
}

function isRunFolder(path: string): boolean {
  return RUN_FOLDER.test(path.split('/').at(-1) ?? '') && existsSync(join(path, 'scenario.json'));
}

/** Two of the same instant differ in a number at their end only. */
function byTime(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
