import { noDeadlines } from '../../lanes.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'Readiness was made "independent": it checks nothing, and model calls have no deadline.',
  parts: () => ({
    deadlines: () => noDeadlines,
    readiness: () => ({ reasons: () => [] }),
  }),
});
