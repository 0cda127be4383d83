/**
 * Where a run's evidence goes: `<out>/<scenario>/<time>/`, and `<out>/latest` points to the newest. Only their
 * owner may read them: a report holds what the target printed.
 */
import { accessSync, constants, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { EXIT, HanglabError, messageOf } from '../platform/errors.ts';

/** @throws HanglabError `out-not-writable`. */
export function checkOut(out: string): void {
  try {
    mkdirSync(out, { recursive: true });
    accessSync(out, constants.W_OK);
  } catch (error) {
    throw new HanglabError('out-not-writable', `--out ${out}: ${messageOf(error)}`, {
      exitCode: EXIT.usage,
    });
  }
}

/** Makes the folder of one run; two runs that begin in the same instant get different ones. */
export function makeReportFolder(out: string, scenario: string, at: Date): string {
  const time = at.toISOString().replaceAll(':', '-').replace('.', '-');
  for (let suffix = 0; ; suffix++) {
    const folder = join(
      resolve(out),
      folderName(scenario),
      suffix === 0 ? time : `${time}-${suffix}`,
    );
    mkdirSync(dirname(folder), { recursive: true });
    try {
      mkdirSync(folder, { mode: 0o700 });
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** A scenario of your own may be called anything; `latest` is a link, and dots lead elsewhere. */
function folderName(scenario: string): string {
  const name = scenario.replaceAll(/[^\w.@-]/g, '_').replace(/^\.+/, '_');
  return name === 'latest' || name === '' ? `scenario-${name}` : name;
}

/** Replaced in one step, so that `latest` never points nowhere. */
export function pointLatestTo(out: string, folder: string): void {
  const link = join(resolve(out), 'latest');
  const next = `${link}.${process.pid}`;
  try {
    rmSync(next, { force: true });
    symlinkSync(relative(dirname(link), folder), next);
    renameSync(next, link);
  } catch {
    // A file system without links: the folder itself is named in the output anyway.
    rmSync(next, { force: true });
  }
}
