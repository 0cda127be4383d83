/** The faults by what they act on, as scenarios write them: `llm.silentAfter({ tokens: 5 })`. */
import { answersGarbage, type GarbageOptions } from './answers-garbage.ts';
import { drips } from './drips.ts';
import { type FailsOptions, fails } from './fails.ts';
import { type FlapOptions, flaps } from './flaps.ts';
import { killOnAcknowledgement } from './kill.ts';
import { type LatencyOptions, latency } from './latency.ts';
import { type ModelLink, type RequestFilter, ROLE } from './model-fault.ts';
import { resetsAfter } from './resets.ts';
import { byRole, FRONT, type Selector } from './selector.ts';
import { silentAfter } from './silent-after.ts';
import { stalls } from './stalls.ts';

/** What Toxiproxy does to a link. */
const onLink = (selector: Selector) => ({
  latency: (options: LatencyOptions) => latency(selector, options),
  flaps: (options: FlapOptions) => flaps(selector, options),
});

/** What the scripted model does at the end of it. */
const byModel = (link: ModelLink) => ({
  answersGarbage: (options: GarbageOptions) => answersGarbage(link, options),
  drips: (options: Parameters<typeof drips>[1]) => drips(link, options),
  fails: (options: FailsOptions) => fails(link, options),
  resetsAfter: (options: { tokens: number } & RequestFilter) => resetsAfter(link, options),
  silentAfter: (options: { tokens: number }) => silentAfter(link, options),
  stalls: (filter?: RequestFilter) => stalls(link, filter),
});

const onModel = (link: ModelLink) => ({ ...onLink(byRole(link, ROLE[link])), ...byModel(link) });

export const llm = onModel('llm');
export const embeddings = onModel('embeddings');
export const front = onLink(FRONT);
export const target = { killOnAcknowledgement };
