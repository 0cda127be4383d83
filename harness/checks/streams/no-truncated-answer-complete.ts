/**
 * `no-truncated-answer-complete`: an answer that the model's connection cut off is never handed to the client
 * as a whole one, and nothing is done on the strength of it. Judged by subject: what a request is about is
 * also what its calls at the model are about.
 */
import type { EventOf } from '../../history/events.ts';
import { plural } from '../../platform/plural.ts';
import { type Check, check } from '../check.ts';
import { nameOf } from '../liveness/every-request-ends.ts';

interface State {
  /** Subjects whose last call at the model was cut off. */
  cut: Set<string>;
  cuts: number;
  judged: number;
  wrong: { count: number; first: EventOf<'request'> } | null;
  /** Subjects of tool calls that were cut off and executed nevertheless. */
  carriedOut: string[];
}

export function noTruncatedAnswerComplete(): Check {
  return check<State>({
    name: 'no-truncated-answer-complete',
    needs: ['chat'],
    start: () => ({ cut: new Set(), cuts: 0, judged: 0, wrong: null, carriedOut: [] }),
    on: {
      'model-start'(state, { subject, answersTool }) {
        if (!subject || !answersTool || !state.cut.has(subject)) return;
        state.carriedOut = [...state.carriedOut, subject];
      },
      'model-end'(state, { id, ending }, run) {
        const subject = run.upstreamCall(id)?.subject;
        if (!subject) return;
        if (ending === 'fin' || ending === 'reset') {
          state.cut.add(subject);
          state.cuts++;
        } else if (ending === 'complete') state.cut.delete(subject);
      },
      'request-end'(state, { id, outcome }, run) {
        const request = run.request(id);
        if (!request?.subject || !state.cut.has(request.subject)) return;
        state.judged++;
        if (outcome !== 'ok') return;
        const { count = 0, first = request } = state.wrong ?? {};
        state.wrong = { count: count + 1, first };
      },
    },
    finding({ cuts, judged, wrong, carriedOut }, { complete, phases }) {
      const base = {
        phase: 'fault' as const,
        measured: { value: (wrong?.count ?? 0) + carriedOut.length, unit: 'truncated answers' },
        limit: { value: 0, unit: 'truncated answers' },
      };
      if (wrong) {
        const message = `${plural(wrong.count, 'truncated answer')} passed for a whole one: the model's answer to ${nameOf(wrong.first)} was cut off, and the client was told that all is well`;
        return { ...base, verdict: 'fail', message };
      }
      if (carriedOut.length > 0) {
        const calls = plural(carriedOut.length, 'call of a tool', 'calls of tools');
        const message = `${calls} that the model had not finished ${carriedOut.length === 1 ? 'was' : 'were'} carried out; the first was about "${carriedOut[0]}"`;
        return { ...base, verdict: 'fail', message };
      }
      if (complete && phases.fault && judged === 0) {
        const message =
          cuts === 0
            ? 'no answer of the model was cut off'
            : 'no request was about what the cut answers were about';
        return { ...base, verdict: 'inconclusive', message };
      }
      const message = `${plural(judged, 'request')} whose answer was cut off ended in an error`;
      return { ...base, verdict: 'pass', message };
    },
  });
}
