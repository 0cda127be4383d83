/** What the objects are that hold a resolver, or a response: which of them can act, and which only lie there. */
import type { Edge, HeapGraph } from './snapshot.ts';
import { CONTEXT } from './suspended.ts';

export const PULL = 'system / AsyncGeneratorRequest';

const TIMERS = new Set(['Timeout', 'Immediate']);
/** Where a socket of Node keeps its handle: older versions, and newer ones. */
export const HANDLES = ['_handle', '<symbol kHandle>'];
/** Other libraries have classes of these names too: Node's have a handle. */
const SOCKETS = /^(TLSSocket|Socket)$/;
const CALLS = /^(ClientRequest|ClientHttp2Session|ClientHttp2Stream|ServerHttp2Stream)$/;
const NATIVE =
  /^(FSReq\w*|\w+ReqWrap|\w*Wrap|ChildProcess|Process|Worker|MessagePort|FileHandle|\w*Job|DirHandle|Pipe|TCP|UDP|TTY|Zlib\w*|Gzip|Gunzip|Brotli\w+)$/;
/** The store of an AsyncLocalStorage is on everything that a request has begun, and calls nothing. */
const NOT_HOLDING =
  /^(map|shared|feedback_cell|native_context|prototype|__proto__|constructor|code|\d+ \/ part of key.*|<symbol (kAsyncContextFrame|kResourceStore|kResourceStoreSymbol)>)$/;
const SKIPPED_HOLDERS =
  /^(AsyncContextFrame|system \/ (NativeContext|FeedbackCell|WeakCell|Map|SourceTextModule|PropertyCell))/;

/** Whoever may call the wait off cannot bring what it waits for. */
const ONLY_REJECTS = /^Abort(Signal|Controller)$/;

/** Whether who is at the begin of this edge has what is at its end to act with. */
export function isHolding(graph: HeapGraph, { name, from }: Edge): boolean {
  return (
    !NOT_HOLDING.test(name) &&
    !SKIPPED_HOLDERS.test(graph.nameOf(from)) &&
    graph.typeOf(from) !== 'code'
  );
}

export function onlyRejects(graph: HeapGraph, node: number): boolean {
  return ONLY_REJECTS.test(graph.nameOf(node));
}

export function isTimer(graph: HeapGraph, node: number): boolean {
  return TIMERS.has(graph.nameOf(node));
}

export function isSocket(graph: HeapGraph, node: number): boolean {
  const name = graph.nameOf(node);
  if (CALLS.test(name)) return true;
  return (
    SOCKETS.test(name) &&
    HANDLES.some((field) => graph.follow(node, field) >= 0) &&
    graph.follow(node, '_writableState') >= 0
  );
}

export function isNative(graph: HeapGraph, node: number): boolean {
  return graph.typeOf(node) === 'native' || NATIVE.test(graph.nameOf(node));
}

export function hasNativeName(graph: HeapGraph, node: number): boolean {
  return NATIVE.test(graph.nameOf(node));
}

/** The engine's own roots: its stack, its handles. */
export function isRoot(graph: HeapGraph, node: number): boolean {
  return graph.typeOf(node) === 'synthetic';
}

/** A client's own connection: its end can call a request off, and nothing more. */
export function isAccepted(graph: HeapGraph, socket: number): boolean {
  const server = graph.follow(socket, '_server');
  return server >= 0 && /Server$/.test(graph.nameOf(server));
}

/** The engine's own contexts and pairs of resolving functions: not the program's variables. */
export function isEngineOwn(name: string): boolean {
  return name === CONTEXT || name === 'system / PromiseCapability';
}
