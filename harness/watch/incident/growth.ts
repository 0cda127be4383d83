/** What a server holds more of than when the watch began: by path, peer and name, from outside. */
import { growersOf, growerText } from '../../soak/evidence/growers.ts';
import { readProcesses } from '../../soak/resources/processes.ts';
import type { Parts } from '../../soak/resources/reading.ts';

/** @returns reads them again, and says what grew. */
export function growthSince(pids: readonly number[]): (now: readonly number[]) => string[] {
  const first = partsOf(pids);
  return (now) => {
    const last = partsOf(now);
    return Object.keys(last).flatMap((resource) =>
      growersOf(resource, first, last).map((grower) => `${resource}: ${growerText(grower)}`),
    );
  };
}

function partsOf(pids: readonly number[]): Parts {
  try {
    return readProcesses({ pids, peers: {}, temporaryFolder: null }).parts;
  } catch {
    // Somebody else's process, or one that ends.
    return {};
  }
}
