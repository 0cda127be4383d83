/**
 * The chunks waiting between two parts of a pipe: an ordered queue with one writer and one reader.
 *
 * A writer never loses what it has in hand: `push` always takes the chunk, and `full` tells the
 * writer to wait before it takes more. With capacity 0 the two meet chunk by chunk.
 */

export interface Chunk {
  data: Uint8Array;
  /** When the bytes came in, on the machine's monotonic clock; toxics that delay move it on. */
  receivedMs: number;
}

/** What a read gives once all chunks are taken and the source has ended; it stays so. */
export const END = Symbol('end');

export interface Channel {
  /** True while the writer should wait. */
  readonly full: boolean;
  /** True while a chunk is waiting, not counting the end. */
  readonly pending: boolean;
  push(chunk: Chunk): void;
  /** Puts chunks back in front of all others, in the order given. */
  unshift(chunks: readonly Chunk[]): void;
  /** Nothing comes after this. */
  end(): void;
  take(): Chunk | typeof END | undefined;
  /** Takes all chunks that wait. */
  drain(): Chunk[];
  readonly ended: boolean;
  /** Called when something may be there to take. Set by the reader. */
  onReadable: () => void;
  /** Called when `full` may have become false. Set by the writer. */
  onRoom: () => void;
}

const nothing = (): void => {};

/** A channel that holds `capacity` chunks beyond the one its writer is handing over. */
export function createChannel(capacity: number): Channel {
  let queue: Chunk[] = [];
  let head = 0;
  let ended = false;

  const channel: Channel = {
    onReadable: nothing,
    onRoom: nothing,
    get full() {
      return queue.length - head > capacity;
    },
    get pending() {
      return queue.length > head;
    },
    get ended() {
      return ended;
    },
    push(chunk) {
      if (ended) return;
      queue.push(chunk);
      channel.onReadable();
    },
    unshift(chunks) {
      if (chunks.length === 0) return;
      queue = [...chunks, ...queue.slice(head)];
      head = 0;
      channel.onReadable();
    },
    end() {
      if (ended) return;
      ended = true;
      channel.onReadable();
    },
    take() {
      const chunk = queue[head];
      if (chunk === undefined) return ended ? END : undefined;
      head++;
      if (head === queue.length || head > 1024) {
        queue = queue.slice(head);
        head = 0;
      }
      channel.onRoom();
      return chunk;
    },
    drain() {
      const chunks = queue.slice(head);
      queue = [];
      head = 0;
      if (chunks.length > 0) channel.onRoom();
      return chunks;
    },
  };
  return channel;
}
