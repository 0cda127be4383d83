import { endlessPatience } from '../../lanes.ts';
import { permits } from '../../permits.ts';
import { places } from '../../places.ts';
import { overloaded } from '../../refusal.ts';
import { openScope } from '../../scope.ts';
import { defect } from '../defect.ts';

/** The size of the pool that turns, uploads, searches, tasks and indexing share. */
const PLACES = 4;

export default defect({
  why: 'Turns are admitted without a limit into one small pool that all other work shares.',
  parts: (healthy) => {
    const pool = permits(PLACES);
    return {
      engine: () => pool,
      searchPermits: () => pool,
      turnPermits: () => pool,
      sessionPermits: () => pool,
      budget: () => pool,
      turnPlaces: () => places(Number.POSITIVE_INFINITY, () => overloaded('never', 'never')),
      deadlines: (parts) => ({
        ...healthy.deadlines(parts),
        turnMs: Number.POSITIVE_INFINITY,
        turn: endlessPatience,
      }),
      scopes(parts) {
        const scopes = healthy.scopes(parts);
        return {
          ...scopes,
          // A turn holds its place until the model ends, even when its client has hung up.
          open: (reply, kind) =>
            kind === 'turn'
              ? openScope(Number.POSITIVE_INFINITY, () => new Error('never'))
              : scopes.open(reply, kind),
        };
      },
    };
  },
});
