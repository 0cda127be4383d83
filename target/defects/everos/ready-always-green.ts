import { noDeadlines } from '../../lanes.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'Readiness was made "independent": it looks at nothing, beside model calls without a deadline.',
  parts: () => ({
    deadlines: () => noDeadlines,
    readiness: () => ({ reasons: () => [] }),
  }),
});
