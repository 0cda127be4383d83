import { collect } from '../../model/reply.ts';
import { acceptingAnyEnd } from '../any-end.ts';
import { defect } from '../defect.ts';
import { completed } from '../partial-json.ts';

export default defect({
  why: 'A tool call that is cut in mid-JSON is completed with the missing brackets and executed.',
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
          finish() {
            const { text, calls } = reply();
            // Without a call there is nothing to repair: truncated text is an error here, too.
            if (calls.length === 0) chunks.finish();
            const repaired = calls.map((call) => ({
              ...call,
              arguments: completed(call.arguments) ?? '{}',
            }));
            return { text, calls: repaired };
          },
        };
      },
  }),
});
