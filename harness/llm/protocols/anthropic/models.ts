/** `GET /v1/models` as Anthropic answers it: to clients that send an `anthropic-version`. */
import { jsonAnswer } from '../../answers/answer.ts';
import { refused } from '../check.ts';
import type { Endpoint } from '../endpoint.ts';
import { listQuestion, MODEL_NAMES } from '../openai/models.ts';
import { anthropic } from './errors.ts';

const MODELS = MODEL_NAMES.map((id) => ({
  type: 'model',
  id,
  display_name: id,
  created_at: '2025-06-15T15:06:40Z',
}));

export const anthropicModels: Endpoint = {
  route: 'models',
  operation: 'models',
  method: 'GET',
  provider: anthropic,
  read(_body, { names: { id } }) {
    if (id === undefined) {
      const list = { has_more: false, first_id: MODELS[0]?.id, last_id: MODELS.at(-1)?.id };
      return {
        ok: true,
        value: listQuestion('', ({ offSchema }) =>
          jsonAnswer(200, { data: offSchema ? [] : MODELS, ...list }),
        ),
      };
    }
    const model = MODELS.find((known) => known.id === id);
    if (model) return { ok: true, value: listQuestion(id, () => jsonAnswer(200, model)) };
    return refused({ message: `model: ${id}` }, 404);
  },
};
