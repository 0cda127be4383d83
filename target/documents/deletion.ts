/**
 * Deletion, in an order that a crash cannot undo: first the change state says so for good, then the
 * vector table (through the writer's queue, behind any write in progress), then the markdown. From the
 * first step on, no row in flight passes the fence and no search shows the document.
 */
import type { Writer } from '../vectors/writer.ts';
import type { Database } from './database.ts';
import type { Markdown } from './markdown.ts';

export interface Deletion {
  /** False when there is no such document. */
  remove(id: string): Promise<boolean>;
  /** Completes the deletions that a crash or a refusal of the writer interrupted. */
  resume(): Promise<void>;
}

export interface DeletionParts {
  database: Database;
  writer: Writer;
  markdown: Markdown;
}

export function fencedDeletion({ database, writer, markdown }: DeletionParts): Deletion {
  const { sql } = database;
  const deleteDocument = sql.prepare('DELETE FROM documents WHERE id = ?');
  const deleteRows = sql.prepare('DELETE FROM rows WHERE documentId = ?');
  const note = sql.prepare('INSERT INTO deletions (documentId, at) VALUES (?, ?)');
  const noted = sql.prepare('SELECT 1 FROM deletions WHERE documentId = ?');
  const forget = sql.prepare('DELETE FROM deletions WHERE documentId = ?');
  const unfinished = sql.prepare('SELECT documentId FROM deletions');

  const complete = async (id: string) => {
    await writer.removeDocument(id);
    await markdown.remove(id);
    forget.run(id);
  };

  return {
    async remove(id) {
      const known = database.transaction(() => {
        if (deleteDocument.run(id).changes === 0) return noted.get(id) !== undefined;
        deleteRows.run(id);
        note.run(id, Date.now());
        return true;
      });
      if (!known) return false;
      await database.durable();
      await complete(id);
      return true;
    },
    async resume() {
      for (const { documentId } of unfinished.all()) await complete(String(documentId));
    },
  };
}
