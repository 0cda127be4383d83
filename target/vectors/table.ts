/** The vector table in LanceDB. Its operations cannot be cancelled once begun: see writer.ts. */
import { mkdir } from 'node:fs/promises';
import type { Table } from '@lancedb/lancedb';
import { readers } from './readers.ts';

export interface Entry {
  /** `rowId` and the entry's place in it. */
  id: string;
  rowId: string;
  documentId: string;
  topic: string;
  text: string;
  vector: number[];
}

export interface Found {
  rowId: string;
  documentId: string;
  topic: string;
  text: string;
  /** Cosine similarity, 1 is the same direction. */
  score: number;
}

export interface VectorTable extends Disposable {
  open(): Promise<void>;
  /** Makes `entries` the only ones of `rowIds`, in one commit. */
  replaceRows(rowIds: readonly string[], entries: readonly Entry[]): Promise<void>;
  removeDocument(documentId: string): Promise<void>;
  search(vector: number[], limit: number): Promise<Found[]>;
  /** Merges small files and drops old versions; the latter not under the eyes of a search. */
  compact(): Promise<void>;
}

const TABLE = 'knowledge';

/** Searches take a few milliseconds: one that takes longer than this puts the cleaning off. */
const SEARCHES_END_MS = 500;

/** Ids are made by this server (letters, digits, `_`, `.`): they need quoting, not escaping. */
const quoted = (ids: readonly string[]) => ids.map((id) => `'${id}'`).join(', ');

export function lanceTable(folder: string, dimensions: number): VectorTable {
  const searches = readers();
  let table: Table | undefined;
  const opened = (): Table => {
    if (!table) throw new Error('the vector table is not open');
    return table;
  };
  return {
    async open() {
      await mkdir(folder, { recursive: true });
      const [{ connect }, arrow] = await Promise.all([
        import('@lancedb/lancedb'),
        import('apache-arrow'),
      ]);
      const text = (name: string) => new arrow.Field(name, new arrow.Utf8());
      const item = new arrow.Field('item', new arrow.Float32());
      const vector = new arrow.Field('vector', new arrow.FixedSizeList(dimensions, item));
      const columns = ['id', 'rowId', 'documentId', 'topic', 'text'].map(text);
      const schema = new arrow.Schema([...columns, vector]);
      const connection = await connect(folder);
      try {
        table = await connection.openTable(TABLE);
      } catch {
        // Not there, or cut off while it was being made. Creating fails where there is a whole one.
        table = await connection.createEmptyTable(TABLE, schema, { mode: 'create' });
      }
    },
    async replaceRows(rowIds, entries) {
      await opened()
        .mergeInsert('id')
        .whenMatchedUpdateAll()
        .whenNotMatchedInsertAll()
        .whenNotMatchedBySourceDelete({ where: `\`rowId\` IN (${quoted(rowIds)})` })
        .execute(entries as unknown as Record<string, unknown>[]);
    },
    async removeDocument(documentId) {
      await opened().delete(`\`documentId\` IN (${quoted([documentId])})`);
    },
    search: (vector, limit) =>
      searches.read(async () => {
        const found = await opened()
          .vectorSearch(vector)
          .distanceType('cosine')
          .select(['rowId', 'documentId', 'topic', 'text', '_distance'])
          .limit(limit)
          .toArray();
        return found.map((row) => ({
          rowId: String(row.rowId),
          documentId: String(row.documentId),
          topic: String(row.topic),
          text: String(row.text),
          score: 1 - Number(row._distance),
        }));
      }),
    async compact() {
      await opened().optimize();
      // A version is dropped by its age, also while a search that began before the last write reads it.
      const drop = async () => {
        await opened().optimize({ cleanupOlderThan: new Date() });
      };
      await searches.alone(drop, SEARCHES_END_MS);
    },
    [Symbol.dispose]: () => table?.close(),
  };
}
