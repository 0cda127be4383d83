/**
 * The places at which a function can be suspended, from its source: asking the process where one is walks
 * its whole heap, reading does not.
 */
import { type AnyNode, parse } from 'acorn';
import { base, findNodeAround, recursive } from 'acorn-walk';
import { answerSite } from './answer-site.ts';

/** An `await` or `yield` of the function itself, not of one inside it. */
export interface AwaitSite {
  /** Offset of the word in the text. */
  at: number;
  kind: 'await' | 'yield';
  /** `house.ingest` of `await house.ingest(upload)`; null when it awaits no call of a plain path. */
  callee: string | null;
}

export interface FunctionText {
  /** Where its parameters begin: its own name stands before. */
  begin: number;
  end: number;
  isAsync: boolean;
  /** Names of its parameters in order; null for patterns and defaults. */
  parameters: (string | null)[];
  sites: AwaitSite[];
  /** What is called where it returns, like `callee`; null for what else may be a promise. */
  returned: (string | null)[];
  /** Of a request's handler: the offset at which it hands its response on; null where it does not. */
  answerAt: number | null;
}

/** Larger texts take longer to read than the process to be asked. */
const MAX_CHARACTERS = 3_000_000;

type FunctionNode = Extract<
  AnyNode,
  { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }
>;

/**
 * A script, read once, to be asked for its functions.
 * @returns a function from the offset at which a function's parameters begin (as V8 gives it) to that
 * function; it gives null where there is none, or where the text cannot be read.
 */
export function functionsOf(text: string): (offset: number) => FunctionText | null {
  const program = text.length > MAX_CHARACTERS ? null : parsed(text);
  return (offset) => {
    const found = program && innermost(program, offset);
    if (!found) return null;
    const { end, async: isAsync } = found;
    const sites = sitesIn(found.body, text).toSorted((a, b) => a.at - b.at);
    const parameters = found.params.map((each) => (each.type === 'Identifier' ? each.name : null));
    return {
      begin: offset,
      end,
      isAsync,
      parameters,
      sites,
      returned: returnedBy(found),
      answerAt: answerSite(found.body, parameters),
    };
  };
}

function parsed(text: string): AnyNode | null {
  for (const sourceType of ['module', 'script'] as const) {
    try {
      return parse(text, {
        ecmaVersion: 'latest',
        sourceType,
        allowHashBang: true,
        allowReturnOutsideFunction: true,
      });
    } catch {
      // A CommonJS module may hold what an ES module may not; what neither may is newer than the parser.
    }
  }
  return null;
}

/** The innermost function whose head holds `offset`: its parameters begin there, and its body comes after. */
function innermost(program: AnyNode, offset: number): FunctionNode | null {
  const found = findNodeAround(
    program,
    offset,
    (_type, node) => isFunction(node as AnyNode) && offset <= (node as FunctionNode).body.start,
  );
  return (found?.node as FunctionNode | undefined) ?? null;
}

/** Calls `visit` for every node of a function's body, but not for those of functions inside it. */
function walkOwn(body: AnyNode, visit: (node: AnyNode) => void): void {
  type Step = (node: AnyNode, state: unknown) => void;
  const onward = base as Record<string, (node: AnyNode, state: unknown, step: Step) => void>;
  const visiting = (type: string) => ({
    [type](node: AnyNode, state: unknown, step: Step) {
      visit(node);
      onward[type]?.(node, state, step);
    },
  });
  recursive(body, null, {
    ...Object.assign({}, ...VISITED.map(visiting)),
    Function: () => undefined,
  });
}

const VISITED = [
  'AwaitExpression',
  'YieldExpression',
  'ForOfStatement',
  'VariableDeclaration',
  'ReturnStatement',
];

function sitesIn(body: AnyNode, text: string): AwaitSite[] {
  const sites: AwaitSite[] = [];
  walkOwn(body, (node) => {
    if (node.type === 'AwaitExpression') {
      sites.push({ at: node.start, kind: 'await', callee: calleeOf(node.argument) });
    } else if (node.type === 'YieldExpression') {
      sites.push({ at: node.start, kind: 'yield', callee: null });
    } else if (node.type === 'ForOfStatement' && node.await) {
      sites.push({ at: text.indexOf('await', node.start), kind: 'await', callee: null });
    } else if (node.type === 'VariableDeclaration' && (node.kind as string) === 'await using') {
      // At the end of its block it waits for what it disposes of.
      sites.push({ at: node.start, kind: 'await', callee: null });
    }
  });
  return sites;
}

function returnedBy({ body }: FunctionNode): (string | null)[] {
  if (body.type !== 'BlockStatement') return isValue(body, new Set()) ? [] : [calleeOf(body)];
  const values = valuesIn(body);
  return returnsIn(body).flatMap((node) => (isValue(node, values) ? [] : [calleeOf(node)]));
}

function returnsIn(body: AnyNode): AnyNode[] {
  const returned: AnyNode[] = [];
  walkOwn(body, (node) => {
    if (node.type === 'ReturnStatement' && node.argument) returned.push(node.argument);
  });
  return returned;
}

/** Names of the function's constants that hold no promise. */
function valuesIn(body: AnyNode): Set<string> {
  const values = new Set<string>();
  walkOwn(body, (node) => {
    if (node.type !== 'VariableDeclaration' || node.kind === 'let' || node.kind === 'var') return;
    for (const { id, init } of node.declarations) {
      if (id.type === 'Identifier' && init && isValue(init, values)) values.add(id.name);
    }
  });
  return values;
}

/** Certainly no promise: what was awaited already, a text, a record, a calculation. */
function isValue(node: AnyNode, values: ReadonlySet<string>): boolean {
  if (node.type === 'Identifier') return values.has(node.name);
  if (node.type === 'ConditionalExpression')
    return isValue(node.consequent, values) && isValue(node.alternate, values);
  if (node.type === 'LogicalExpression')
    return isValue(node.left, values) && isValue(node.right, values);
  if (node.type === 'NewExpression')
    return node.callee.type === 'Identifier' && node.callee.name !== 'Promise';
  return /^(Await|Object|Array|Binary|Unary|Update|Template)|^(Template)?Literal$/.test(node.type);
}

function calleeOf(argument: AnyNode): string | null {
  if (argument.type === 'ChainExpression') return calleeOf(argument.expression);
  return argument.type === 'CallExpression' ? pathOf(argument.callee) : null;
}

/** `this.lanes.#run` as one would write it, without `?.`; null for anything but a plain path. */
function pathOf(node: AnyNode): string | null {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'ThisExpression') return 'this';
  if (node.type !== 'MemberExpression' || node.computed) return null;
  const base = pathOf(node.object);
  if (base === null) return null;
  if (node.property.type === 'PrivateIdentifier') return `${base}.#${node.property.name}`;
  return node.property.type === 'Identifier' ? `${base}.${node.property.name}` : null;
}

function isFunction(node: AnyNode): node is FunctionNode {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);
}
