import { defect } from '../defect.ts';
import { reparsing } from '../reparsed.ts';

export default defect({
  why: 'All that has come so far is parsed once more whenever it ends in a brace or a bracket.',
  parts: () => ({ readPieces: () => reparsing((sofar) => /[}\]]\s*$/.test(sofar.slice(-32))) }),
});
