import { endlessPatience } from '../../lanes.ts';
import { permits } from '../../permits.ts';
import { places } from '../../places.ts';
import { overloaded } from '../../refusal.ts';
import { openScope } from '../../scope.ts';
import { defect } from '../defect.ts';

/** Of the one pool that turns, uploads, searches, tasks and indexing share. */
const PLACES = 4;

export default defect({
  why: 'More turns are let in than there are places in the one pool that all work shares, without a limit.',
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
          // A turn holds its place until the model has ended, also when its client has hung up.
          open: (reply, kind) =>
            kind === 'turn'
              ? openScope(Number.POSITIVE_INFINITY, () => new Error('never'))
              : scopes.open(reply, kind),
        };
      },
    };
  },
});
