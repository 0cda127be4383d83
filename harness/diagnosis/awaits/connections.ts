/**
 * The connections that a Node process has open, from its own list of handles: no walk over the heap.
 * Only fields and Node's own getters are read; nothing of the program runs.
 */
import type { ConnectionFacts } from '../facts/await-facts.ts';
import { isAccepted } from '../heap/holders.ts';
import type { HeapGraph } from '../heap/snapshot.ts';
import { heapIdOf } from '../inspector/live-instances.ts';
import { elementsOf, OBJECT_GROUP } from '../inspector/remote-objects.ts';
import type { Inspector } from '../inspector/session.ts';

/** A connection as the process counts it at one moment. */
interface Counted {
  localPort: number;
  remoteAddress: string;
  remotePort: number;
  isConnecting: boolean;
  isOpen: boolean;
  bytes: number;
}

export interface Connections {
  /** Milliseconds on the clock of the process's timers. */
  readonly clockMs: number;
  /** By the snapshot that was taken in the same pause. */
  among(graph: HeapGraph): Promise<Connection[]>;
  /** Those of them over which bytes have gone since, or that have been closed; and the messages that they carry now. */
  again(): Promise<{ moved: ReadonlySet<number>; messages: ReadonlySet<number> }>;
}

export interface Connection extends Omit<ConnectionFacts, 'hasMoved'> {
  /** The response that it carries, or the request of a client; -1 when there is none now. */
  message: number;
}

/** Beyond this, more of the same would say nothing new. */
const MAX_CONNECTIONS = 500;

/** Asked while the process is paused, before the snapshot, which then has the same objects. */
export async function readConnections(inspector: Inspector): Promise<Connections> {
  const { result: handles } = await inspector.send('Runtime.evaluate', {
    expression: SOCKETS,
    objectGroup: OBJECT_GROUP,
    silent: true,
  });
  const objectId = handles.objectId;
  const first = objectId ? await count(inspector, objectId) : { counts: [], clockMs: 0 };
  // V8 has an id for an object only once a snapshot was taken.
  let heapIds: number[] = [];
  return {
    clockMs: first.clockMs,
    async among(graph) {
      heapIds = objectId ? await idsIn(inspector, objectId) : [];
      return first.counts.flatMap((counted, i) => {
        const { isOpen, bytes: _, ...ends } = counted;
        const id = graph.nodeOf(heapIds[i] ?? -1);
        if (id < 0 || !isOpen) return [];
        const message = graph.follow(id, '_httpMessage');
        return [{ id, message, ...ends, isAccepted: isAccepted(graph, id) }];
      });
    },
    async again() {
      if (!objectId) return { moved: new Set(), messages: new Set() };
      const { counts } = await count(inspector, objectId);
      const moved = heapIds.filter((_, i) => {
        const [before, after] = [first.counts[i], counts[i]];
        return !before || !after?.isOpen || after.bytes !== before.bytes;
      });
      const { result: messages } = await inspector.send('Runtime.callFunctionOn', {
        objectId,
        functionDeclaration: READ_MESSAGES,
        objectGroup: OBJECT_GROUP,
        silent: true,
      });
      const ids = messages.objectId ? await idsIn(inspector, messages.objectId) : [];
      return { moved: new Set(moved), messages: new Set(ids) };
    },
  };
}

async function count(
  inspector: Inspector,
  objectId: string,
): Promise<{ counts: Counted[]; clockMs: number }> {
  const { result } = await inspector.send('Runtime.callFunctionOn', {
    objectId,
    functionDeclaration: COUNT,
    returnByValue: true,
    silent: true,
  });
  return result.value ?? { counts: [], clockMs: 0 };
}

const SOCKETS = `(globalThis.process?._getActiveHandles?.() ?? [])
  .filter((handle) => handle && (handle.remotePort || handle.connecting === true))
  .slice(0, ${MAX_CONNECTIONS})`;

const COUNT = `function () {
  return {
    clockMs: performance.now(),
    counts: this.map((socket) => ({
      localPort: socket.localPort || 0,
      remoteAddress: String(socket.remoteAddress || ''),
      remotePort: socket.remotePort || 0,
      isConnecting: socket.connecting === true,
      isOpen: socket.destroyed !== true,
      bytes: (socket.bytesRead || 0) + (socket.bytesWritten || 0),
    })),
  };
}`;

/** Messages that are still being answered, or sent. */
const READ_MESSAGES = `function () {
  return this.map(({ _httpMessage: message }) => message).filter((message) => message && !message.finished);
}`;

/** The heap ids of an array's elements, in order; -1 for what is no object. */
async function idsIn(inspector: Inspector, arrayId: string): Promise<number[]> {
  const elements = await elementsOf(inspector, arrayId);
  return Promise.all(elements.map((each) => (each ? heapIdOf(inspector, each) : -1)));
}
