import { defect } from '../defect.ts';
import { reparsing } from '../reparsed.ts';

export default defect({
  why: 'Everything received so far is parsed again whenever it ends in a brace or a bracket.',
  parts: () => ({
    readPieces: () => reparsing((received) => /[}\]]\s*$/.test(received.slice(-32))),
  }),
});
