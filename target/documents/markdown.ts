/** Markdown on the disk, one file a document: whole or not there at all, also after a crash. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedRun } from '../shared-run.ts';
import type { NewDocument } from './documents.ts';

export interface Markdown {
  /** Puts the whole file in place; its name may still be lost in a power cut. */
  write(document: NewDocument): Promise<void>;
  /** Resolves when the names of all files written so far are on the disk. */
  durable(): Promise<void>;
  remove(id: string): Promise<void>;
  /** Removes what a crash left: half-written files, and files of documents that do not exist. */
  sweep(exists: (id: string) => boolean): Promise<void>;
}

const FINAL = '.md';
const UNFINISHED = '.part';

export function markdownIn(folder: string): Markdown {
  const ready = mkdir(folder, { recursive: true });
  const pathOf = (id: string, ending: string) => join(folder, `${id}${ending}`);
  return {
    async write(document) {
      await ready;
      const unfinished = pathOf(document.id, UNFINISHED);
      try {
        await using file = await open(unfinished, 'wx');
        await file.writeFile(render(document));
        await file.sync();
        await rename(unfinished, pathOf(document.id, FINAL));
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
    },
    durable: sharedRun(async () => {
      await using parent = await open(folder, 'r');
      await parent.sync();
    }),
    remove: (id) => rm(pathOf(id, FINAL), { force: true }),
    async sweep(exists) {
      await ready;
      for (const name of await readdir(folder)) {
        const orphan = name.endsWith(FINAL) && !exists(name.slice(0, -FINAL.length));
        if (orphan || name.endsWith(UNFINISHED)) await rm(join(folder, name), { force: true });
      }
    },
  };
}

function render(document: NewDocument): string {
  const topics = document.topics.map((topic) => `## ${topic.title}\n\n${topic.text}\n`);
  return `# ${document.title}\n\n${topics.join('\n')}`;
}
