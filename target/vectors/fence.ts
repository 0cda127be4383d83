/** The fence before the vector table: asked in the writer's queue, right before each write. */
import type { Claim, Claims } from '../cascade/claims.ts';

export interface Fence {
  /** Whether this claim may still write: not when its row was taken back or its document deleted. */
  admits(claim: Claim): boolean;
}

export function fenceOf(claims: Claims): Fence {
  return { admits: (claim) => claims.holds(claim) };
}
