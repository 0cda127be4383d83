/** The states of rows and of documents: the same four words for both. */

export const STATES = ['pending', 'processing', 'indexed', 'failed'] as const;
export type State = (typeof STATES)[number];
export type StateCounts = Record<State, number>;

export function noCounts(): StateCounts {
  return { pending: 0, processing: 0, indexed: 0, failed: 0 };
}
