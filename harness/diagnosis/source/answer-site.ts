/** Where a request's handler hands its response on: to a call that will answer it later. */
import type { AnyNode, CallExpression } from 'acorn';
import { simple } from 'acorn-walk';

/**
 * The offset of the last call that is given the response, or a callback that uses it; null when there is none, or
 * no parameter is a response by its place.
 * @param parameters of the handler, in order.
 */
export function answerSite(body: AnyNode, parameters: readonly (string | null)[]): number | null {
  const response = parameters[1];
  if (!response) return null;
  let found: number | null = null;
  simple(body, {
    CallExpression(call) {
      if (call.arguments.some((argument) => uses(argument, response))) {
        found = Math.max(found ?? -1, beginOf(call));
      }
    },
  });
  return found;
}

function uses(argument: AnyNode, name: string): boolean {
  if (argument.type === 'Identifier') return argument.name === name;
  if (!/Function/.test(argument.type)) return false;
  let isUsed = false;
  simple(argument, {
    Identifier(node) {
      isUsed ||= node.name === name;
    },
  });
  return isUsed;
}

/** A chain of calls is read from its last name on, which stands on the line of the call. */
function beginOf({ callee, start }: CallExpression): number {
  return callee.type === 'MemberExpression' ? callee.property.start : start;
}
