/** The faults by what they act on, as scenarios write them: `llm.silentAfter({ tokens: 5 })`. */
import type { LinkName } from '../run/environment.ts';
import { answersGarbage, type GarbageOptions } from './answers-garbage.ts';
import { drips } from './drips.ts';
import { type FailsOptions, fails } from './fails.ts';
import { type FlapOptions, flaps } from './flaps.ts';
import { killOnAcknowledgement } from './kill.ts';
import { type LatencyOptions, latency } from './latency.ts';
import type { ModelLink, Whom } from './model-fault.ts';
import { resetsAfter } from './resets.ts';
import { silentAfter } from './silent-after.ts';
import { stalls } from './stalls.ts';

/** What Toxiproxy does to a link. */
const onLink = (link: LinkName) => ({
  latency: (options: LatencyOptions) => latency(link, options),
  flaps: (options: FlapOptions) => flaps(link, options),
});

/** What the scripted model does at the end of it. */
const byModel = (link: ModelLink) => ({
  answersGarbage: (options: GarbageOptions) => answersGarbage(link, options),
  drips: (options: Parameters<typeof drips>[1]) => drips(link, options),
  fails: (options: FailsOptions) => fails(link, options),
  resetsAfter: (options: { tokens: number } & Whom) => resetsAfter(link, options),
  silentAfter: (options: { tokens: number }) => silentAfter(link, options),
  stalls: (whom?: Whom) => stalls(link, whom),
});

export const llm = { ...onLink('llm'), ...byModel('llm') };
export const embeddings = { ...onLink('embeddings'), ...byModel('embeddings') };
export const front = onLink('front');
export const target = { killOnAcknowledgement };
