/** All kinds of toxics that the embedded server knows, by their name on the wire. */
import { bandwidth } from './bandwidth.ts';
import { blockConnect } from './block_connect.ts';
import { cutEvent } from './cut_event.ts';
import { halfClose } from './half_close.ts';
import { latency } from './latency.ts';
import { limitConnections } from './limit_connections.ts';
import { limitData } from './limit_data.ts';
import { limitTime } from './limit_time.ts';
import { noop } from './noop.ts';
import { packets } from './packets.ts';
import { resetPeer } from './reset_peer.ts';
import { sharedBandwidth } from './shared_bandwidth.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow_close.ts';
import { slowOpen } from './slow_open.ts';
import { stall } from './stall.ts';
import { timeout } from './timeout.ts';
import type { ToxicKind } from './toxic.ts';

export const KINDS: readonly ToxicKind[] = [
  bandwidth,
  blockConnect,
  cutEvent,
  halfClose,
  latency,
  limitConnections,
  limitData,
  limitTime,
  noop,
  packets,
  resetPeer,
  sharedBandwidth,
  slicer,
  slowClose,
  slowOpen,
  stall,
  timeout,
];

const BY_TYPE: ReadonlyMap<string, ToxicKind> = new Map(KINDS.map((kind) => [kind.type, kind]));

/** The kind called `type`; undefined when there is none, or when it is an extra and those are off. */
export function toxicKind(type: string, extras: boolean): ToxicKind | undefined {
  const kind = BY_TYPE.get(type);
  return kind?.extra && !extras ? undefined : kind;
}
