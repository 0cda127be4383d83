import { collect } from '../../model/reply.ts';
import { acceptingAnyEnd } from '../any-end.ts';
import { defect } from '../defect.ts';

export default defect({
  why: 'An answer that ends without [DONE] or a finish reason counts as complete.',
  parts: (healthy) => ({
    attempt: (parts) => acceptingAnyEnd(healthy.attempt(parts)),
    replyReader:
      ({ config }) =>
      (listener) => {
        const { reply, chunks } = collect(config.answerCharacters, listener);
        return {
          take: chunks.take,
          get complete() {
            return chunks.done;
          },
          // Truncated calls would not parse: only the text is kept.
          finish: () => ({ ...reply(), calls: chunks.done ? reply().calls : [] }),
        };
      },
  }),
});
