/** The suspended functions of a Node process, what each waits for, and who could end that. */
import type { Socket } from '../../platform/procfs/sockets.ts';
import type { Frame, Local } from '../diagnosis.ts';

export interface AwaitFacts {
  readonly functions: readonly SuspendedFunction[];
  /** Objects in whose lists functions wait. */
  readonly locks: readonly LockFacts[];
  /** Requests that were begun and not answered, whose client has not gone. */
  readonly requests: readonly OpenRequest[];
  /** Path of a request of hanglab's own that was open meanwhile, so that its handler is among the functions. */
  readonly askedPath: string | null;
  /** Between the two looks. */
  readonly apartMs: number;
  /** The process's sockets after the look, which may have freed some. */
  readonly socketsAfter: readonly Socket[];
  readonly connections?: readonly ConnectionFacts[];
  /** Who is at the other end of each socket that is waited for. */
  readonly peers: Readonly<Record<number, Peer | null>>;
  /** Answers to further questions: the variables of a function. */
  readonly locals: Readonly<Record<number, readonly Local[]>>;
}

/** An async function (or a generator) that is suspended at an `await` or `yield`. */
export interface SuspendedFunction {
  readonly id: number;
  readonly frame: Frame;
  /** `this`, by id. */
  readonly receiver: number | null;
  /** It is suspended at a `yield` and waits to be pulled: it awaits nothing. */
  readonly isAtYield: boolean;
  /** The call that it awaits: `engine.acquire` of `await engine.acquire()`. */
  readonly call: Call | null;
  /** The name of what it calls, also where the path to it is no plain one; empty when it awaits no call. */
  readonly callName: string;
  /** It returns what it awaits: `return await lock.acquire()`. */
  readonly handsOn: boolean;
  /** Where it is suspended could be found. */
  readonly isRead: boolean;
  /** Who could settle what it awaits, the nearest first; empty when nobody can. */
  readonly resolvers: readonly Resolver[];
  /** Open requests that it reaches from its own variables, by id. */
  readonly requests: readonly number[];
  /** At the second look it was not there any more. */
  readonly hasMoved: boolean;
  /** No function is suspended: the handler of its request has returned, and a callback is to answer. */
  readonly isCallback?: boolean;
  /** How long after the look the first timer fires that ends the wait, or calls it off; null when none does. */
  readonly timerMs?: number | null;
}

export interface Call {
  readonly receiver: string;
  readonly method: string;
}

export type ResolverKind =
  /** A suspended function whose result the promise is. */
  | 'function'
  /** A suspended function that keeps the resolver in one of its variables. */
  | 'frame'
  | 'timer'
  | 'socket'
  /** The operating system or a thread owes an answer: a file, a name look-up, a child. */
  | 'native'
  /** A connection that the process has accepted: its client, or another one, may speak or read on. */
  | 'client'
  /** A listener of an event emitter or event target. */
  | 'event'
  /** Kept in an object's own list or field, as locks, queues and pools do. */
  | 'object'
  /** A variable that any function of its module may use. */
  | 'variable';

export interface Resolver {
  readonly kind: ResolverKind;
  /** The suspended function, timer, socket, emitter, or the object that keeps the resolver. */
  readonly id: number;
  readonly className: string;
  /** As source would say it: `engine.#queue`, `bus "done"`; empty when there is no name for it. */
  readonly path: string;
  /** All of several promises are needed, as in `Promise.all`: one that never comes is enough to hang. */
  readonly all: boolean;
  /** Of a timer: how long after the look it fires; missing for one that repeats. */
  readonly dueMs?: number;
}

export interface LockFacts {
  readonly id: number;
  /** Functions that have been given it by a call, and have not given it back where they are suspended. */
  readonly takenBy: readonly { readonly function: number; readonly call: Call }[];
  /** Functions whose text names it, asked only where nobody has taken it. */
  readonly mentionedBy: readonly number[];
}

export interface OpenRequest {
  readonly id: number;
  readonly method: string;
  /** Without its query, which may hold what is nobody's business. */
  readonly path: string;
  /** The port of its client's connection; null when that could not be had. */
  readonly clientPort: number | null;
  /** Nothing of the program can reach its response any more. */
  readonly isOrphan: boolean;
  /** What its client has of the answer; a stream goes on for as long as the client likes. */
  readonly sent?: 'nothing' | 'part' | 'stream';
  /** What its client still owes: a part of the request's body, or to read what it was sent. */
  readonly client?: 'body' | 'reads' | null;
  /** At the second look it had ended. */
  readonly hasEnded?: boolean;
  /** Bytes went over its client's connection between the two looks. */
  readonly hasMoved?: boolean;
  /** The function that the server calls for it, where a framework's or Node's list of handlers shows it. */
  readonly handler?: Frame | null;
}

/** A connection of the process at the look, with what went over it until the second one. */
export interface ConnectionFacts {
  /** Of the socket; the request that is sent over it, where one is. */
  readonly id: number;
  readonly localPort: number;
  /** Empty and 0 while the address is not known. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly isAccepted: boolean;
  readonly isConnecting: boolean;
  readonly hasMoved: boolean;
}

/** The other end of a socket, or of a request that still waits for a connection. */
export interface Peer {
  /** The socket, where there is one, among the connections. */
  readonly connection?: number | null;
  /** 0 while it connects. */
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The request has no connection yet: all of its pool's are busy, this many. */
  readonly queuedBehind: number | null;
}
