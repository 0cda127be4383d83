/** What hanglab's proxy answers in place of a service that speaks HTTP, by count and path. */

import { z } from 'zod';
import type { HttpFault, HttpRequestFilter } from '../../http-upstream/rules.ts';
import { checkOptions, count } from '../../platform/options.ts';
import { plural } from '../../platform/plural.ts';
import type { Fault } from '../fault.ts';

const FILTER = {
  path: z.string().startsWith('/').optional(),
  method: z.string().optional(),
  every: count.optional(),
  skip: z.int().min(0).optional(),
  times: count.optional(),
};

const SHAPES = {
  fails: z.strictObject({
    status: z.int().min(400).max(599),
    retryAfterS: z.number().min(0).optional(),
    ...FILTER,
  }),
  answersGarbage: z.strictObject(FILTER),
  cutsBody: z.strictObject({ bytes: z.int().min(0), ...FILTER }),
  fallsSilent: z.strictObject({ bytes: z.int().min(0), ...FILTER }),
  holds: z.strictObject(FILTER),
};

type Filtered<T> = T & HttpRequestFilter;

/** Faults of the upstream of this name; which requests meet them, the options say. */
export const onHttp = (upstream: string) => ({
  /** An error status, at once. */
  fails: (options: Filtered<{ status: number; retryAfterS?: number }>) =>
    httpFault(upstream, 'fails', options, ({ status, retryAfterS }) => ({
      ...{ kind: 'status', status },
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    })),
  /** 200 with an HTML page. */
  answersGarbage: (options: HttpRequestFilter = {}) =>
    httpFault(upstream, 'answersGarbage', options, () => ({ kind: 'garbage' })),
  /** The service's own answer, and its connection is closed within the body. */
  cutsBody: (options: Filtered<{ bytes: number }>) =>
    httpFault(upstream, 'cutsBody', options, ({ bytes }) => ({ kind: 'cut', bytes })),
  /** The service's own answer up to so many bytes of its body, then nothing more. */
  fallsSilent: (options: Filtered<{ bytes: number }>) =>
    httpFault(upstream, 'fallsSilent', options, ({ bytes }) => ({ kind: 'silent', bytes })),
  /** No answer; the connection stays open. */
  holds: (options: HttpRequestFilter = {}) =>
    httpFault(upstream, 'holds', options, () => ({ kind: 'held' })),
});

function httpFault<Options extends HttpRequestFilter>(
  upstream: string,
  faultName: keyof typeof SHAPES,
  options: Options,
  faultOf: (options: Options) => HttpFault,
): Fault {
  checkOptions(`${upstream}.${faultName}`, SHAPES[faultName], options);
  const fault = faultOf(options);
  const name = `${upstream}.${faultName}${fault.kind === 'status' ? `(${fault.status})` : ''}`;
  const { path, method, every, skip, times } = options;
  const when = Object.fromEntries(
    Object.entries({ path, method, every, skip, times }).filter(([, value]) => value !== undefined),
  ) as HttpRequestFilter;
  return {
    name,
    needs: ['http-upstream'],
    touches: ({ upstreams }) => (upstream in upstreams ? [upstream] : []),
    async inject({ httpUpstreams }) {
      const rule = httpUpstreams[upstream]?.rules.add({ name, when, fault });
      return {
        async evidence() {
          const hits = rule?.hits() ?? 0;
          return hits === 0 ? null : `${plural(hits, 'request')} met it`;
        },
        async [Symbol.asyncDispose]() {
          rule?.[Symbol.dispose]();
        },
      };
    },
  };
}
