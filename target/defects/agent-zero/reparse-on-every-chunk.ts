import { defect } from '../defect.ts';
import { reparsing } from '../reparsed.ts';

export default defect({
  why: 'At each chunk of a structured answer, all that has come so far is parsed once more.',
  parts: () => ({ readPieces: () => reparsing(() => true) }),
});
