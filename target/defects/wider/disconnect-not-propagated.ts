import { openScope } from '../../scope.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'A turn continues after its client has gone, so the model generates an answer for nobody.',
  parts: (healthy) => ({
    deadlines(parts) {
      const deadlines = healthy.deadlines(parts);
      const turn = { ...deadlines.turn, attemptMs: Number.POSITIVE_INFINITY };
      return { ...deadlines, turnMs: Number.POSITIVE_INFINITY, turn };
    },
    scopes(parts) {
      const scopes = healthy.scopes(parts);
      return {
        ...scopes,
        open: (reply, kind) =>
          kind === 'turn'
            ? openScope(Number.POSITIVE_INFINITY, () => new Error('never'))
            : scopes.open(reply, kind),
      };
    },
  }),
});
