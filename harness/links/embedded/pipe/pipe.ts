/**
 * One direction of one connection: what comes from its source runs through the toxics, in the order
 * in which they were added, to its destination.
 *
 *     source > inlet > toxic > channel > toxic > outlet > destination
 *
 * Without a toxic, inlet and outlet are one, and bytes go straight from the read to the write.
 */
import { monotonicMs } from '../../../platform/clock.ts';
import type { Random } from '../../../platform/random.ts';
import { noop } from '../toxics/noop.ts';
import type { Attributes, ToxicKind } from '../toxics/toxic.ts';
import { type Channel, createChannel, END } from './channel.ts';
import { createStub, type RunningStub } from './stub.ts';

export type Direction = 'upstream' | 'downstream';

/** A toxic of a proxy: one object, shared by all pipes of its direction. */
export interface Toxic {
  readonly name: string;
  readonly kind: ToxicKind;
  /** As it was given, in any case. */
  readonly stream: string;
  readonly direction: Direction;
  toxicity: number;
  attributes: Attributes;
  /** Only some of the connections that are accepted after it was added. */
  readonly only: Selection;
  /** How many connections the proxy had accepted when it was added. */
  readonly acceptedBefore: number;
  /** What its connections share, of a kind that shares anything. */
  readonly shared: unknown;
}

/** Counted from 1; 0 is no condition. All that are given have to hold. */
export interface Selection {
  /** The k-th. */
  connection: number;
  /** The first n. */
  first: number;
  /** Every k-th. */
  every: number;
}

/** Does this toxic apply to the connection with this number, the first having 1? */
export function appliesTo({ only, acceptedBefore }: Toxic, connectionNumber: number): boolean {
  const { connection, first, every } = only;
  if (connection === 0 && first === 0 && every === 0) return true;
  const number = connectionNumber - acceptedBefore;
  return (
    number > 0 &&
    (connection === 0 || number === connection) &&
    (first === 0 || number <= first) &&
    (every === 0 || number % every === 0)
  );
}

/** Where a pipe's bytes go. */
export interface Destination {
  /** Writes, calls `done` when the bytes are out of our hands, true when they already are. */
  write(data: Uint8Array, done: () => void): boolean;
  /** Nothing more will be written: close it. */
  close(): void;
  /** Nothing more will be written, but what comes from it is still wanted. */
  end(): void;
}

export interface Pipe {
  readonly direction: Direction;
  /** Whether a toxic that is on it now makes its connection end with a reset. */
  readonly resets: boolean;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Takes what the source read. False: stop reading until `resumeSource`. */
  receive(view: Uint8Array): boolean;
  /** The source sent its end, or is gone. */
  sourceEnded(): void;
  /** The destination is gone: there is nothing left to do. */
  abandon(): void;
  add(toxic: Toxic): void;
  update(toxic: Toxic): Promise<void>;
  remove(toxic: Toxic): Promise<void>;
}

interface Stage {
  toxic: Toxic;
  stub: RunningStub;
  random: Random;
  /** Drawn once for a connection and toxic: hit when below the toxicity, whatever happens nearby. */
  draw: number;
}

const isHit = ({ draw, toxic }: Stage): boolean => draw < toxic.toxicity;

export function createPipe(options: {
  direction: Direction;
  destination: Destination;
  resumeSource: () => void;
  connectionNumber: number;
  /** Called when the first toxic is added: most connections never have one. */
  random: () => Random;
  toxics: readonly Toxic[];
}): Pipe {
  const { direction, destination, resumeSource } = options;
  const outlet = createChannel(0);
  let inlet: Channel = outlet;
  let stages: Stage[] = [];
  let paused = false;
  let writing = false;
  /** The write under way is of the reader's own buffer: it must not read before that is over. */
  let lent = false;
  let finished = false;
  let discarding = false;
  let receivedBytes = 0;
  let sentBytes = 0;

  const pump = (): void => {
    while (!writing && !finished) {
      const chunk = outlet.take();
      if (chunk === undefined) return;
      if (chunk === END) {
        finished = true;
        if (stages.some((stage) => stage.toxic.kind.carriesHalfClose && isHit(stage))) {
          destination.end();
          discardRest();
        } else {
          destination.close();
        }
        return;
      }
      sentBytes += chunk.data.length;
      writing = !destination.write(chunk.data, written);
    }
  };
  /** A source that was cut is read on, into nothing: else its own end would never be seen. */
  const discardRest = (): void => {
    discarding = true;
    if (!paused) return;
    paused = false;
    resumeSource();
  };
  const written = (): void => {
    writing = false;
    lent = false;
    pump();
    resumeWhenRoom();
  };
  const resumeWhenRoom = (): void => {
    if (!paused || finished || lent || inlet.full || (inlet === outlet && writing)) return;
    paused = false;
    resumeSource();
  };
  const setInlet = (channel: Channel): void => {
    inlet = channel;
    inlet.onRoom = resumeWhenRoom;
    resumeWhenRoom();
  };
  const run = (stage: Stage): void => {
    const { kind, attributes } = stage.toxic;
    const chosen = isHit(stage) ? kind : noop;
    stage.stub.run((stub) => chosen.pipe(stub, attributes, stage.random, stage.toxic.shared));
  };

  outlet.onReadable = pump;
  outlet.onRoom = resumeWhenRoom;

  const pipe: Pipe = {
    direction,
    get resets() {
      return stages.some((stage) => stage.toxic.kind.resetsNewConnections && isHit(stage));
    },
    get receivedBytes() {
      return receivedBytes;
    },
    get sentBytes() {
      return sentBytes;
    },
    receive(view) {
      receivedBytes += view.length;
      if (finished) return discarding;
      if (inlet === outlet && !writing && !outlet.pending) {
        sentBytes += view.length;
        writing = !destination.write(view, written);
        lent = writing;
        paused = writing;
        return !paused;
      }
      // The reader uses its buffer again, so what is kept must be a copy.
      inlet.push({ data: Buffer.from(view), receivedMs: monotonicMs() });
      paused = inlet.full;
      return !paused;
    },
    sourceEnded() {
      inlet.end();
    },
    abandon() {
      finished = true;
      for (const { stub } of stages) stub.abandon();
      stages = [];
    },
    add(toxic) {
      if (toxic.direction !== direction || !appliesTo(toxic, options.connectionNumber)) return;
      const last = stages.at(-1)?.stub;
      const end = last?.output ?? inlet;
      // Its end has passed this place already: the new toxic would have nothing to do.
      if (finished || end.ended) return;
      const channel = createChannel(toxic.kind.bufferChunks ?? 0);
      const random = options.random().fork(toxic.name);
      const stage = { toxic, stub: createStub(channel, end), random, draw: random.next() };
      stages.push(stage);
      run(stage);
      if (last === undefined) return setInlet(channel);
      last.output = channel;
      last.wake();
    },
    async update(toxic) {
      const stage = stages.find((candidate) => candidate.toxic === toxic);
      if (stage && (await stage.stub.interrupt())) run(stage);
    },
    async remove(toxic) {
      const stage = stages.find((candidate) => candidate.toxic === toxic);
      if (!stage) return;
      const { stub } = stage;
      const open = await stub.interrupt();
      const index = stages.indexOf(stage);
      if (index === -1) return;
      stages.splice(index, 1);
      // A toxic that has ended the stream leaves a gap: nothing may pass where it was.
      if (!open) return;
      if (toxic.kind.closesOnRemoval) return stub.close();
      for (const chunk of stub.input.drain()) stub.output.push(chunk);
      if (stub.input.ended) return stub.output.end();
      const before = stages[index - 1]?.stub;
      if (before === undefined) return setInlet(stub.output);
      before.output = stub.output;
      before.wake();
    },
  };
  for (const toxic of options.toxics) pipe.add(toxic);
  return pipe;
}
