/** What a kind of toxic is: its attributes as they go over the wire, and what it does to a stream. */
import type { Random } from '../../../platform/random.ts';
import type { Stub } from '../pipe/stub.ts';

export type AttributeType = 'int64' | 'int' | 'string';

/** One attribute: 0, or an empty text, when it is not given. */
export interface AttributeSpec {
  type: AttributeType;
  /** Refused below this. Absent: any number is taken, as Toxiproxy does. */
  min?: number;
  /** Refused above this. */
  max?: number;
}

export type Attributes = Record<string, number | string>;

export interface ToxicKind<A extends Attributes = Attributes> {
  /** As on the wire. */
  type: string;
  /** The name of Toxiproxy's own type, which its error messages carry. */
  typeName: string;
  attributes: Record<keyof A & string, AttributeSpec>;
  /** Refuses what no single attribute's limit can. Returns what is wrong with them. */
  refuse?(attributes: A): string | undefined;
  /** How many chunks may wait before it. */
  bufferChunks?: number;
  /** True when connections opened while it is there end with a reset instead of a FIN. */
  resetsNewConnections?: boolean;
  /** True when taking it away closes the connections that it was on. */
  closesOnRemoval?: boolean;
  /** True when the end of the stream goes on as a FIN, while the other direction stays open. */
  carriesHalfClose?: boolean;
  /** True when no new connection comes about while it is there. */
  blocksConnects?: boolean;
  /** True for what Toxiproxy does not have: refused unless extras are switched on. */
  extra?: boolean;
  /**
   * Carries the stream until it ends or the stub is interrupted. `attributes` stay the same during
   * one call; a change interrupts it, and it is called again with the new ones.
   */
  pipe(stub: Stub, attributes: A, random: Random, shared: unknown): Promise<void>;
  /** Makes what all connections of one toxic share. */
  share?(): unknown;
  /**
   * What it does to a connection before its upstream is asked: refuses it, or has it wait for so many
   * milliseconds (Infinity: until the toxic is changed or taken away).
   */
  opening?(attributes: A, openConnections: number): 'refuse' | number;
}
