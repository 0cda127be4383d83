/** The faults by what they act on, as scenarios write them: `llm.silentAfter({ tokens: 5 })`. */
import { locked } from './database/locked.ts';
import { onHttp } from './http/http-fault.ts';
import { closesAfterBytes, closesIdle, resets } from './links/closes.ts';
import { type DripOptions, dripsBytes } from './links/drips.ts';
import { type FlapOptions, flaps } from './links/flaps.ts';
import { type LatencyOptions, latency } from './links/latency.ts';
import { neverAccepts } from './links/never-accepts.ts';
import { refuses } from './links/refuses.ts';
import { byName, byRole, FRONT, type Selector } from './links/selector.ts';
import { blackHole, silent, silentAfterBytes } from './links/silence.ts';
import { answersGarbage, type GarbageOptions } from './model/answers-garbage.ts';
import { type ClosesOptions, closesAfter } from './model/closes.ts';
import { drips } from './model/drips.ts';
import { type FailsOptions, fails } from './model/fails.ts';
import { type HeartbeatOptions, heartbeats } from './model/heartbeats.ts';
import { type ModelLink, type RequestFilter, ROLE } from './model/model-fault.ts';
import { resetsAfter } from './model/resets.ts';
import { silentAfter } from './model/silent-after.ts';
import { type SlowSpeechOptions, speaksSlowly } from './model/speaks-slowly.ts';
import { stalls } from './model/stalls.ts';
import { crashes, killOnAcknowledgement } from './process/kill.ts';
import { pausesProcess } from './process/model-paused.ts';
import { stops } from './process/stop.ts';

/** What is done to a link, whatever speaks over it. */
const onLink = (selector: Selector) => ({
  blackHole: () => blackHole(selector),
  closesAfterBytes: (options: { bytes: number }) => closesAfterBytes(selector, options),
  closesIdle: () => closesIdle(selector),
  dripsBytes: (options: DripOptions) => dripsBytes(selector, options),
  flaps: (options: FlapOptions) => flaps(selector, options),
  latency: (options: LatencyOptions) => latency(selector, options),
  neverAccepts: () => neverAccepts(selector),
  refuses: () => refuses(selector),
  resets: (options?: Parameters<typeof resets>[1]) => resets(selector, options),
  silent: () => silent(selector),
  silentAfterBytes: (options: { bytes: number }) => silentAfterBytes(selector, options),
});

/** What the scripted model does at the end of it. */
const byModel = (link: ModelLink) => ({
  answersGarbage: (options: GarbageOptions) => answersGarbage(link, options),
  closesAfter: (options: ClosesOptions) => closesAfter(link, options),
  drips: (options: Parameters<typeof drips>[1]) => drips(link, options),
  fails: (options: FailsOptions) => fails(link, options),
  heartbeats: (options: HeartbeatOptions) => heartbeats(link, options),
  resetsAfter: (options: { tokens: number } & RequestFilter) => resetsAfter(link, options),
  silentAfter: (options: { tokens: number } & RequestFilter) => silentAfter(link, options),
  speaksSlowly: (options: SlowSpeechOptions) => speaksSlowly(link, options),
  stalls: (filter?: RequestFilter) => stalls(link, filter),
});

const onModel = (link: ModelLink) => ({ ...onLink(byRole(link, ROLE[link])), ...byModel(link) });

/** Whatever serves chat, and the process of the scripted model. */
export const llm = { ...onModel('llm'), pausesProcess };
/** Whatever serves embeddings. */
export const embeddings = onModel('embeddings');
/** The upstream of this name: of a service that speaks HTTP also what its proxy can do. */
export const upstream = (name: string) => ({ ...onLink(byName(name)), ...onHttp(name) });
export type UpstreamFaults = ReturnType<typeof upstream>;
/** The way from the clients to the target. */
export const front = onLink(FRONT);
export const target = { crashes, killOnAcknowledgement, stops };
export const sqlite = { locked };
