/**
 * A temporary folder that hanglab and another process both see, in which that process may write into one subfolder
 * only. hanglab may be root and the process anybody, also somebody who moves folders about and puts links
 * in their place. So every step goes from a folder that is held open to a name in it, and follows no link:
 * `/proc/self/fd/N/name` is what other languages call `openat`.
 */
import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { readLink } from './procfs/files.ts';
import { readStatus, sharesNamespace } from './procfs/status.ts';
import { safeRead } from './safe-read.ts';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export interface SharedFolder extends AsyncDisposable {
  /** Its path as the other process sees it, and that of the subfolder it may write into. */
  readonly inside: string;
  readonly answersInside: string;
  /** Writes a file that the process may read and not change. */
  write(name: string, text: string): Promise<void>;
  /** What the process has answered; null when there is nothing, or no regular file of that size at most. */
  answer(name: string, maxBytes: number): Promise<string | null>;
}

/** @returns null when there is no folder for temporary files that both see. */
export async function sharedFolder(pid: number, prefix: string): Promise<SharedFolder | null> {
  const status = readStatus(pid);
  if (!status) return null;
  const isOurs =
    sharesNamespace(pid, 'mnt') && readLink(`/proc/${pid}/root`) === readLink('/proc/self/root');
  const parents = ['/tmp', '/var/tmp', '/dev/shm'];
  if (isOurs) parents.unshift(tmpdir());
  for (const parent of new Set(parents)) {
    const held: FileHandle[] = [];
    try {
      return await folderIn(isOurs ? '/' : `/proc/${pid}/root`, parent, prefix, status, held);
    } catch {
      // The next one, if there is any.
      for (const handle of held.toReversed()) await handle.close().catch(() => undefined);
    }
  }
  return null;
}

async function folderIn(
  root: string,
  parent: string,
  prefix: string,
  owner: { uid: number; gid: number },
  held: FileHandle[],
): Promise<SharedFolder> {
  const hold = async (path: string, flags: number) => {
    const handle = await open(path, flags);
    held.push(handle);
    return handle;
  };
  // The root itself is a link of the kernel's own, which leads where the process's paths begin.
  let at = await hold(root, constants.O_RDONLY | constants.O_DIRECTORY);
  for (const part of parent.split('/').filter(Boolean)) {
    at = await hold(`${pathOf(at)}/${part}`, FOLDER);
    if (!isPassable(await at.stat(), owner.uid))
      throw new Error(`${part} is closed to the process`);
  }
  const name = `${prefix}${randomBytes(8).toString('hex')}`;
  const folder = await makeIn(at, name, hold);
  const answers = await makeIn(folder, 'answers', hold).catch(async (error) => {
    await rmdir(`${pathOf(at)}/${name}`).catch(() => undefined);
    throw error;
  });
  await answers.chown(owner.uid, owner.gid);
  await folder.chmod(0o711);
  const inside = `${parent === '/' ? '' : parent}/${name}`;
  return {
    inside,
    answersInside: `${inside}/answers`,
    async write(file, text) {
      const handle = await open(`${pathOf(folder)}/${file}`, NEW_FILE, 0o644);
      await handle.writeFile(text);
      await handle.chmod(0o644);
      await handle.close();
    },
    answer: (file, maxBytes) =>
      safeRead(`${pathOf(answers)}/${file}`, { maxBytes, uid: owner.uid, noLinks: true }),
    async [Symbol.asyncDispose]() {
      for (const each of [answers, folder]) await emptied(each);
      await rmdir(`${pathOf(folder)}/answers`).catch(() => undefined);
      await rmdir(`${pathOf(at)}/${name}`).catch(() => undefined);
      for (const handle of held.toReversed()) await handle.close().catch(() => undefined);
    },
  };
}

/** A new folder of our own in one that is held; what somebody has put in its place meanwhile is none. */
async function makeIn(
  parent: FileHandle,
  name: string,
  hold: (path: string, flags: number) => Promise<FileHandle>,
): Promise<FileHandle> {
  const path = `${pathOf(parent)}/${name}`;
  await mkdir(path, 0o700);
  const made = await hold(path, FOLDER);
  const { uid, mode } = await made.stat();
  if (uid !== process.geteuid?.() || (mode & 0o077) !== 0) throw new Error(`${name} is not ours`);
  return made;
}

/** Removes names, not what links lead to; folders that somebody has made there are left to him. */
async function emptied(folder: FileHandle): Promise<void> {
  for (const name of await readdir(pathOf(folder)).catch(() => [])) {
    await unlink(`${pathOf(folder)}/${name}`).catch(() => undefined);
  }
}

function pathOf({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

/** Whether a user may go through the folder; groups are left out. */
function isPassable({ uid, mode }: Stats, user: number): boolean {
  return user === 0 || (mode & (uid === user ? 0o100 : 0o001)) !== 0;
}
