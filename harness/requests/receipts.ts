/** What the target has acknowledged in a run: looked for at its end, and deleted by some loads. */
import type { Input } from '../target/operations/input.ts';

export interface Receipt {
  /** The id that the target gave. */
  id: string;
  input: Input;
  /** The operation that made it. */
  operation: string;
  /** Its deletion was acknowledged. */
  deleted?: boolean;
}

export interface Receipts {
  add(receipt: Receipt): void;
  markDeleted(id: string): void;
  isDeleted(id: string): boolean;
  /** In the order in which they were acknowledged. */
  all(): readonly Receipt[];
}

/** In a long run the newest are kept: enough to look for at the end, and bounded. */
const MOST_KEPT = 5_000;

export function keepReceipts(): Receipts {
  const kept = new Map<string, Receipt>();
  return {
    add(receipt) {
      // The text is made again from its number where it is needed; it is the bulk of an input.
      kept.set(receipt.id, { ...receipt, input: { ...receipt.input, document: '' } });
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    },
    markDeleted(id) {
      const receipt = kept.get(id);
      if (receipt) kept.set(id, { ...receipt, deleted: true });
    },
    isDeleted: (id) => kept.get(id)?.deleted === true,
    all: () => [...kept.values()],
  };
}
