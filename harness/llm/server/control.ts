/**
 * Control over HTTP, for a model that runs in another process or container: below `/_hanglab/`.
 *
 * A page in a browser can send requests to this machine too. It is refused here: by the `Origin` that
 * a browser adds to what a page sends, and by a `Host` that is a name, as after DNS rebinding.
 */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { HanglabError, messageOf } from '../../platform/errors.ts';
import { type Answer, bodyAnswer, jsonAnswer } from '../answers/answer.ts';
import { parseRules, type Rule } from '../rules/rules.ts';

export interface Controls {
  script(rules: readonly Rule[]): void;
  rules(): readonly Rule[];
  release(): void;
  hits(): Record<string, number>;
  requests(): object;
  /** PEM of what a client has to trust; null without TLS. */
  certificate: string | null;
}

export const CONTROL_PREFIX = '/_hanglab/';

export function answerControl(
  request: IncomingMessage,
  path: string,
  body: Buffer | null,
  controls: Controls,
): Answer {
  const { method = 'GET', headers } = request;
  if (headers.origin !== undefined || !isLocalName(headers.host ?? '')) {
    return problem(403, ['the control is not for pages in a browser']);
  }
  switch (`${method} ${path.slice(CONTROL_PREFIX.length)}`) {
    case 'PUT rules':
      return script(body, controls);
    case 'GET rules':
      return jsonAnswer(200, controls.rules());
    case 'GET hits':
      return jsonAnswer(200, controls.hits());
    case 'GET requests':
      return jsonAnswer(200, controls.requests());
    case 'POST release':
      controls.release();
      return jsonAnswer(200, {});
    case 'GET certificate':
      if (controls.certificate === null) return problem(404, ['this model speaks without TLS']);
      return bodyAnswer(200, 'application/x-pem-file', controls.certificate);
    default:
      return problem(404, [
        `there is no ${method} ${path}; there are PUT and GET rules, GET hits, GET requests, POST release and GET certificate`,
      ]);
  }
}

/** An address, a name without a dot as containers have, or one below a domain that the public DNS has not. */
function isLocalName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return isIP(name) !== 0 || /^[a-z0-9_-]+$|\.(?:internal|local|localhost)$/i.test(name);
}

function script(body: Buffer | null, controls: Controls): Answer {
  try {
    const rules = parseRules(JSON.parse(String(body)));
    controls.script(rules);
    return jsonAnswer(200, { rules: rules.length });
  } catch (error) {
    return problem(400, error instanceof HanglabError ? error.problems : [messageOf(error)]);
  }
}

function problem(status: number, problems: readonly string[]): Answer {
  return jsonAnswer(status, { error: { message: problems.join('\n'), problems } });
}
