/** The documents: they are on disk, markdown and rows, before they are acknowledged. */
import type { Topic } from '../model/model.ts';
import type { Database } from './database.ts';
import type { Markdown } from './markdown.ts';
import { noCounts, type State, type StateCounts } from './states.ts';

export interface NewDocument {
  id: string;
  title: string;
  bytes: number;
  topics: readonly Topic[];
}

export interface DocumentSummary {
  id: string;
  title: string;
  state: State;
  topics: number;
  bytes: number;
  /** ISO 8601. */
  createdAt: string;
}

export interface RowDetail {
  id: string;
  topic: string;
  state: State;
  attempts: number;
  lastError: string | null;
  /** Milliseconds since it was claimed; null when it is not claimed. */
  claimAgeMs: number | null;
}

export interface Page {
  items: DocumentSummary[];
  nextCursor: string | null;
}

export interface Documents {
  /** Resolves when the document survives a crash. */
  add(document: NewDocument): Promise<void>;
  get(id: string): (DocumentSummary & { rows: RowDetail[] }) | null;
  /** Newest last; `cursor` is the `nextCursor` of the page before. */
  list(query: { limit: number; cursor: number; state: State | null }): Page;
  counts(): { documents: StateCounts; rows: StateCounts };
  /** Those of `ids` that exist, with their titles. */
  titles(ids: readonly string[]): Map<string, string>;
}

interface DocumentRecord {
  sequence: number;
  id: string;
  title: string;
  bytes: number;
  topics: number;
  state: State;
  createdAt: number;
}

export function sqliteDocuments(database: Database, markdown: Markdown): Documents {
  const { sql } = database;
  const insertDocument = sql.prepare(
    `INSERT INTO documents (id, title, bytes, topics, state, createdAt) VALUES (?, ?, ?, ?, 'pending', ?)`,
  );
  const insertRow = sql.prepare(
    `INSERT INTO rows (id, documentId, position, topic, text, state, nextAttemptAt, createdAt)
     VALUES (?, ?, ?, ?, ?, 'pending', ?, ?)`,
  );
  const one = sql.prepare('SELECT * FROM documents WHERE id = ?');
  const title = sql.prepare('SELECT title FROM documents WHERE id = ?');
  const rowsOf = sql.prepare(
    'SELECT id, topic, state, attempts, lastError, claimedAt FROM rows WHERE documentId = ? ORDER BY position',
  );
  const page = sql.prepare('SELECT * FROM documents WHERE sequence > ? ORDER BY sequence LIMIT ?');
  const pageOfState = sql.prepare(
    'SELECT * FROM documents WHERE sequence > ? AND state = ? ORDER BY sequence LIMIT ?',
  );
  const countDocuments = sql.prepare(
    'SELECT state, COUNT(*) AS count FROM documents GROUP BY state',
  );
  const countRows = sql.prepare('SELECT state, COUNT(*) AS count FROM rows GROUP BY state');

  const countsBy = (statement: typeof countRows): StateCounts => {
    const counts = noCounts();
    for (const row of statement.all()) counts[row.state as State] = Number(row.count);
    return counts;
  };

  return {
    async add(document) {
      await markdown.write(document);
      database.transaction(() => {
        const now = Date.now();
        const { id } = document;
        insertDocument.run(id, document.title, document.bytes, document.topics.length, now);
        for (const [position, topic] of document.topics.entries()) {
          insertRow.run(`${id}.${position}`, id, position, topic.title, topic.text, now, now);
        }
      });
      await Promise.all([markdown.durable(), database.durable()]);
    },
    get(id) {
      const record = one.get(id) as DocumentRecord | undefined;
      if (!record) return null;
      const now = Date.now();
      const rows = rowsOf.all(id).map(({ claimedAt, ...row }) => ({
        ...row,
        claimAgeMs: claimedAt === null ? null : now - Number(claimedAt),
      }));
      return { ...summary(record), rows: rows as unknown as RowDetail[] };
    },
    list({ limit, cursor, state }) {
      // One more than asked for shows whether there is a next page.
      const found = (state === null
        ? page.all(cursor, limit + 1)
        : pageOfState.all(cursor, state, limit + 1)) as unknown as DocumentRecord[];
      const records = found.slice(0, limit);
      const last = records.at(-1);
      return {
        items: records.map(summary),
        nextCursor: found.length > limit && last ? String(last.sequence) : null,
      };
    },
    counts: () => ({ documents: countsBy(countDocuments), rows: countsBy(countRows) }),
    titles(ids) {
      const found = new Map<string, string>();
      for (const id of new Set(ids)) {
        const record = title.get(id);
        if (record) found.set(id, String(record.title));
      }
      return found;
    },
  };
}

function summary(record: DocumentRecord): DocumentSummary {
  return {
    id: record.id,
    title: record.title,
    state: record.state,
    topics: record.topics,
    bytes: record.bytes,
    createdAt: new Date(record.createdAt).toISOString(),
  };
}
