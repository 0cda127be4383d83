/** One thing that a machine has or lacks. */
export interface Capability {
  name: string;
  ok: boolean;
  /** What was found: a version, a figure, or why it cannot be used. */
  found: string;
  /** What hanglab does with it. */
  servesFor: string;
  /** How to get it, or what its lack means. */
  hint: string;
}
