import { collect } from '../../model/reply.ts';
import { takingAnyEnd } from '../any-end.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'An answer that ends without [DONE] or a finish reason is taken for a whole one.',
  parts: (healthy) => ({
    attempt: (parts) => takingAnyEnd(healthy.attempt(parts)),
    replyReader:
      ({ config }) =>
      (listener) => {
        const { reply, chunks } = collect(config.answerCharacters, listener);
        return {
          take: chunks.take,
          get complete() {
            return chunks.done;
          },
          // A cut call would not even parse: what is left is the text.
          finish: () => ({ ...reply(), calls: chunks.done ? reply().calls : [] }),
        };
      },
  }),
});
