/** The answer to a question: what the model says to it, or what a rule puts in its place. */
import { type Answer, bodyAnswer } from '../answers/answer.ts';
import type { Script } from '../answers/completion.ts';
import { SchemaError } from '../answers/schema/validator.ts';
import { errorOf } from '../delivery/deliver.ts';
import type { Provider, Question } from '../protocols/endpoint.ts';
import type { Behaviour } from '../rules/behaviour.ts';

const NOT_JSON = '<!doctype html><title>Sign in</title><p>This is not the page you wanted.</p>\n';

export interface AnswerContext {
  behaviour: Behaviour | null;
  provider: Provider;
  requestId: string;
  seed: number;
  /** Of the server, where no rule says otherwise. */
  answers: Pick<Script, 'answerTokens' | 'tokensPerEvent'>;
}

export function answerAsRuled(question: Question, context: AnswerContext): Answer {
  const { behaviour, provider, requestId, seed, answers } = context;
  if (behaviour?.garbage === 'not-json') return bodyAnswer(200, 'text/html', NOT_JSON);
  if (behaviour?.status !== undefined) {
    return provider.error(behaviour.status, errorOf(behaviour), requestId);
  }
  const script: Script = {
    answer: behaviour?.answer,
    toolCalls: behaviour?.toolCalls,
    answerTokens: behaviour?.answerTokens ?? answers.answerTokens,
    answerOf: behaviour?.answerOf,
    tokensPerEvent: behaviour?.tokensPerEvent ?? answers.tokensPerEvent,
    offSchema: behaviour?.garbage === 'not-schema',
  };
  try {
    return question.answer(script, seed);
  } catch (error) {
    if (error instanceof SchemaError) {
      return provider.error(400, provider.schemaError(error.message), requestId);
    }
    throw error;
  }
}
