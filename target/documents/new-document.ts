import type { Topic } from '../model/model.ts';

/** A document that is not stored yet. */
export interface NewDocument {
  id: string;
  title: string;
  bytes: number;
  topics: readonly Topic[];
}
