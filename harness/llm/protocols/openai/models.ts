/** `GET /v1/models`: the names the scripted model goes by. All other routes take any name. */
import { jsonAnswer } from '../../answers/answer.ts';
import { refused } from '../check.ts';
import type { Endpoint, Question } from '../endpoint.ts';
import { CREATED_S } from './chat.ts';
import { openai } from './errors.ts';

export const CHAT_MODEL = 'hanglab-chat';
export const EMBEDDING_MODEL = 'hanglab-embedding';
export const MODEL_NAMES = [CHAT_MODEL, EMBEDDING_MODEL];

const MODELS = MODEL_NAMES.map((id) => ({
  id,
  object: 'model',
  created: CREATED_S,
  owned_by: 'hanglab',
}));

export const models: Endpoint = {
  route: 'models',
  operation: 'models',
  method: 'GET',
  provider: openai,
  read(_body, { names: { id } }) {
    if (id === undefined) {
      return {
        ok: true,
        value: listQuestion('', ({ offSchema }) =>
          jsonAnswer(200, { object: 'list', data: offSchema ? [] : MODELS }),
        ),
      };
    }
    const model = MODELS.find((known) => known.id === id);
    if (model) return { ok: true, value: listQuestion(id, () => jsonAnswer(200, model)) };
    const message = `The model '${id}' does not exist; there are ${MODEL_NAMES.join(' and ')}.`;
    return refused({ message, param: 'model', code: 'model_not_found' }, 404);
  },
};

/** A request about models, which has no text but a model's name. */
export function listQuestion(text: string, answer: Question['answer']): Question {
  return { model: null, subject: null, text, lastText: text, streamed: false, answer };
}
