import { noDeadlines } from '../../lanes.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'A model call has no end-to-end deadline, no idle limit, and the request around it none either.',
  parts: () => ({ deadlines: () => noDeadlines }),
});
