/**
 * One toxic at work on one pipe: it reads chunks from its input, and writes them to its output.
 *
 * A toxic is written as a loop that waits (`read`, `write`, `sleep`). Every wait can be interrupted,
 * so that a toxic can be changed or taken away at any instant, however slow the two ends are.
 */
import { monotonicMs } from '../../../platform/clock.ts';
import { type Channel, type Chunk, END } from './channel.ts';
import { after } from './timer.ts';

/** What a read gives when the toxic must stop at once, leaving the rest to whoever comes next. */
export const INTERRUPTED = Symbol('interrupted');

export interface Stub {
  /** What the toxic remembers of this connection from one change of its attributes to the next. */
  state: unknown;
  /** The next chunk, the end of the stream, or the order to stop. */
  read(): Promise<Chunk | typeof END | typeof INTERRUPTED>;
  /** Like `read`, but gives undefined when nothing comes within `ms`. */
  readWithin(ms: number): Promise<Chunk | typeof END | typeof INTERRUPTED | undefined>;
  /** Hands a chunk on, and waits until there is room for the next one. */
  write(chunk: Chunk): Promise<void>;
  /** Gives back, in their order, what could not be finished: it will be read again first. */
  giveBack(...chunks: Chunk[]): void;
  /** Waits; false when interrupted before. `ms` may have a fraction; 0 and less do not wait. */
  sleep(ms: number): Promise<boolean>;
  /** Ends the stream for all that follows; what is still in the input stays there. */
  close(): void;
}

/** The pipe's view of a stub. */
export interface RunningStub extends Stub {
  input: Channel;
  output: Channel;
  readonly closed: boolean;
  run(loop: (stub: Stub) => Promise<void>): void;
  /** Stops the loop and waits until it has. False when the stub has closed: nothing more to run. */
  interrupt(): Promise<boolean>;
  /** Wakes the loop, so that it sees a changed input or output. */
  wake(): void;
  /** Stops the loop for good, because the connection is gone. */
  abandon(): void;
}

export function createStub(input: Channel, output: Channel): RunningStub {
  let interrupted = false;
  let abandoned = false;
  let closed = false;
  let running: Promise<void> = Promise.resolve();
  let waiting: (() => void) | undefined;

  const wake = (): void => {
    const resume = waiting;
    waiting = undefined;
    resume?.();
  };
  const stopping = (): boolean => interrupted || abandoned;

  /** Waits for the next wake, at most `ms`. */
  async function park(ms = Number.POSITIVE_INFINITY): Promise<void> {
    stub.input.onReadable = wake;
    stub.output.onRoom = wake;
    let cancel: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      waiting = resolve;
      if (ms !== Number.POSITIVE_INFINITY) cancel = after(ms, wake);
    });
    cancel?.();
  }

  const stub: RunningStub = {
    state: undefined,
    input,
    output,
    get closed() {
      return closed;
    },
    wake,
    async read() {
      for (;;) {
        if (stopping()) return INTERRUPTED;
        const taken = stub.input.take();
        if (taken !== undefined) return taken;
        await park();
      }
    },
    async readWithin(ms) {
      const until = monotonicMs() + ms;
      for (;;) {
        if (stopping()) return INTERRUPTED;
        const taken = stub.input.take();
        if (taken !== undefined) return taken;
        const left = until - monotonicMs();
        if (left <= 0) return undefined;
        await park(left);
      }
    },
    async write(chunk) {
      if (chunk.data.length > 0) stub.output.push(chunk);
      while (stub.output.full && !stopping()) await park();
    },
    giveBack(...chunks) {
      stub.input.unshift(chunks.filter(({ data }) => data.length > 0));
    },
    async sleep(ms) {
      const until = monotonicMs() + ms;
      for (;;) {
        if (stopping()) return false;
        const left = until - monotonicMs();
        if (left <= 0) return true;
        await park(left);
      }
    },
    close() {
      if (closed) return;
      closed = true;
      stub.output.end();
    },
    run(loop) {
      interrupted = false;
      running = loop(stub).catch((error: unknown) => {
        // A fault of ours: the connection ends, the server goes on.
        process.emitWarning(error as Error);
        stub.close();
      });
    },
    async interrupt() {
      if (closed) return false;
      interrupted = true;
      wake();
      await running;
      return !closed;
    },
    abandon() {
      abandoned = true;
      wake();
    },
  };
  return stub;
}

export { type Chunk, END };
