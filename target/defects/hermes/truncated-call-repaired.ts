import { collect } from '../../model/reply.ts';
import { takingAnyEnd } from '../any-end.ts';
import { defect } from '../defect.ts';
import { completed } from '../partial-json.ts';

export default defect({
  why: 'A tool call that is cut in mid-JSON is mended with the missing brackets and carried out.',
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
          finish() {
            const { text, calls } = reply();
            // Without a call there is nothing to mend: a cut text is an error here, too.
            if (calls.length === 0) chunks.finish();
            const mended = calls.map((call) => ({
              ...call,
              arguments: completed(call.arguments) ?? '{}',
            }));
            return { text, calls: mended };
          },
        };
      },
  }),
});
