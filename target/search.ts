/** Vector search: the query's embedding against the table; only documents that exist are shown. */
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

export function searchOf({ model, lane, table, documents }: SearchParts): Search {
  return async (query, limit, scope) => {
    const [vector] = await model.embed([query], null, { lane, scope });
    const found = await untilAborted(table.search(vector as number[], limit), scope.signal);
    const titles = documents.titles(found.map((entry) => entry.documentId));
    return found.flatMap((entry) => {
      const title = titles.get(entry.documentId);
      return title === undefined ? [] : [{ ...entry, title }];
    });
  };
}
