/** Everything that comes back over a link arrives later: Toxiproxy's `latency`. */
import { type Duration, formatMs, toMs } from '../platform/duration.ts';
import type { LinkName } from '../run/environment.ts';
import { roundTripMs } from './canary.ts';
import type { Fault } from './fault.ts';

export interface LatencyOptions {
  by: Duration;
  jitter?: Duration;
}

export function latency(link: LinkName, options: LatencyOptions): Fault {
  const byMs = toMs(options.by);
  const jitterMs = toMs(options.jitter ?? 0);
  return {
    name: `${link}.latency`,
    link,
    inject: ({ links }) =>
      links[link].toxic({ type: 'latency', attributes: { latency: byMs, jitter: jitterMs } }),
    async fired(environment) {
      const tookMs = await roundTripMs(environment, link, byMs * 4 + 5000);
      const expectedMs = (byMs - jitterMs) * 0.9;
      if (tookMs === null || tookMs < expectedMs) return null;
      return `a request over the ${link} link took ${formatMs(tookMs)}, ${formatMs(byMs)} of it added`;
    },
  };
}
