/** The faults by the link that they act on, as scenarios write them: `llm.silentAfter({ tokens: 5 })`. */
import { type LatencyOptions, latency } from './latency.ts';
import { silentAfter } from './silent-after.ts';

export const llm = {
  latency: (options: LatencyOptions) => latency('llm', options),
  silentAfter: (options: { tokens: number }) => silentAfter('llm', options),
};

export const embeddings = {
  latency: (options: LatencyOptions) => latency('embeddings', options),
  silentAfter: (options: { tokens: number }) => silentAfter('embeddings', options),
};

export const front = {
  latency: (options: LatencyOptions) => latency('front', options),
};
