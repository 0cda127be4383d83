import { defect } from '../defect.ts';
import { reparsing } from '../reparsed.ts';

export default defect({
  why: 'For each chunk of a structured answer, everything received so far is parsed again.',
  parts: () => ({ readPieces: () => reparsing(() => true) }),
});
