/** `GET /v1/models`: the names the scripted model goes by. Chat and embeddings take any name. */
import { type Answer, errorAnswer, jsonAnswer } from './answer.ts';
import { CREATED_S } from './chat.ts';

export const CHAT_MODEL = 'hanglab-chat';
export const EMBEDDING_MODEL = 'hanglab-embedding';

const MODELS = [CHAT_MODEL, EMBEDDING_MODEL].map((id) => ({
  id,
  object: 'model',
  created: CREATED_S,
  owned_by: 'hanglab',
}));

export function answerModels(offSchema: boolean): Answer {
  return jsonAnswer(200, { object: 'list', data: offSchema ? [] : MODELS });
}

export function answerModel(id: string): Answer {
  const model = MODELS.find((known) => known.id === id);
  if (model) return jsonAnswer(200, model);
  const message = `The model '${id}' does not exist; there are ${CHAT_MODEL} and ${EMBEDDING_MODEL}.`;
  return errorAnswer(404, { message, param: 'model', code: 'model_not_found' });
}
