/** An attempt for which any end of the connection is the end of the answer. */
import type { AnswerReader } from '../model/answer.ts';
import type { Attempt } from '../model/attempt.ts';
import { ModelFailure } from '../model/failure.ts';

export function acceptingAnyEnd(attempt: Attempt): Attempt {
  return async <T>(...[question, patience, scope]: Parameters<Attempt>) => {
    let reader: AnswerReader<unknown> | undefined;
    const remembered = () => {
      reader = question.reader();
      return reader;
    };
    try {
      return (await attempt({ ...question, reader: remembered }, patience, scope)) as T;
    } catch (error) {
      const closed = error instanceof ModelFailure && error.kind === 'connection';
      if (!closed || !reader) throw error;
      return reader.finish() as T;
    }
  };
}
