/** The work on one claimed row: facts, embeddings, and one fenced write to the vector table. */
import type { Lane } from '../lanes.ts';
import type { Model } from '../model/model.ts';
import type { Scope } from '../scope.ts';
import type { Entry } from '../vectors/table.ts';
import type { Writer } from '../vectors/writer.ts';
import type { Claim } from './claims.ts';

/** Resolves when the row's entries are in the vector table. */
export type Indexer = (claim: Claim, scope: Scope) => Promise<void>;

export interface IndexerParts {
  model: Model;
  lane: Lane;
  writer: Writer;
}

export function indexerOf({ model, lane, writer }: IndexerParts): Indexer {
  return async (claim, scope) => {
    const call = { lane, scope };
    const texts = await textsOf(claim, model, call);
    const vectors = await model.embed(texts, claim.documentId, call);
    await writer.upsert(claim, entriesOf(claim, texts, vectors), scope.signal);
  };
}

/** What of a row is searched for: the topic itself and each fact that it states, once. */
export async function textsOf(
  claim: Claim,
  model: Model,
  call: Parameters<Model['facts']>[1],
): Promise<string[]> {
  const { documentId, topic, text } = claim;
  const facts = await model.facts({ documentId, title: topic, text }, call);
  return [...new Set([text, ...facts])];
}

export function entriesOf(claim: Claim, texts: string[], vectors: number[][]): Entry[] {
  return texts.map((text, i) => ({
    id: `${claim.rowId}:${i}`,
    rowId: claim.rowId,
    documentId: claim.documentId,
    topic: claim.topic,
    text,
    vector: vectors[i] as number[],
  }));
}
