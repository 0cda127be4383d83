/** Control over HTTP, for a model that runs in another container: `/hanglab/script`, `/hits`, `/release`. */
import { HanglabError, messageOf } from '../platform/errors.ts';
import { type Answer, errorAnswer, jsonAnswer } from './answer.ts';
import { parseRules, type Rule } from './behaviour.ts';

export interface Controls {
  script(rules: readonly Rule[]): void;
  release(): void;
  hits(): Record<string, number>;
}

/** The answer when `path` is a control's, else null. */
export function answerControl(
  method: string,
  path: string,
  body: Buffer | null,
  controls: Controls,
): Answer | null {
  switch (`${method} ${path}`) {
    case 'PUT /hanglab/script':
      return script(body, controls);
    case 'GET /hanglab/hits':
      return jsonAnswer(200, controls.hits());
    case 'POST /hanglab/release':
      controls.release();
      return jsonAnswer(200, {});
    default:
      return null;
  }
}

function script(body: Buffer | null, controls: Controls): Answer {
  try {
    const rules = parseRules(JSON.parse(String(body)));
    controls.script(rules);
    return jsonAnswer(200, { rules: rules.length });
  } catch (error) {
    const problems = error instanceof HanglabError ? error.problems : [messageOf(error)];
    return errorAnswer(400, { message: problems.join('\n'), param: 'rules', code: 'bad-rules' });
  }
}
