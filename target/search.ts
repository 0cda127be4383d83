/**
 * Vector search: the query's embedding against the table. A row is shown once, by the one of its
 * entries (the topic itself, or a fact) that is nearest; only documents that exist are shown.
 */
import type { Documents } from './documents/documents.ts';
import type { Lane } from './lanes.ts';
import type { Model } from './model/model.ts';
import { type Scope, untilAborted } from './scope.ts';
import type { Found, VectorTable } from './vectors/table.ts';

export interface SearchResult extends Found {
  title: string;
}

/** The best first. */
export type Search = (query: string, limit: number, scope: Scope) => Promise<SearchResult[]>;

export interface SearchParts {
  model: Model;
  lane: Lane;
  table: VectorTable;
  documents: Documents;
}

/** Entries looked at for each result: a row seldom has more of them among the nearest. */
const ENTRIES_A_RESULT = 5;

export function searchOf({ model, lane, table, documents }: SearchParts): Search {
  return async (query, limit, scope) => {
    const [vector] = await model.embed([query], null, { lane, scope });
    const looking = table.search(vector as number[], limit * ENTRIES_A_RESULT);
    const nearest = new Map<string, Found>();
    for (const entry of await untilAborted(looking, scope.signal)) {
      if (!nearest.has(entry.rowId)) nearest.set(entry.rowId, entry);
    }
    const found = [...nearest.values()];
    const titles = documents.titles(found.map((entry) => entry.documentId));
    return found
      .filter(({ documentId }) => titles.has(documentId))
      .map((entry) => ({ ...entry, title: titles.get(entry.documentId) as string }))
      .slice(0, limit);
  };
}
