/**
 * `threads-back`: threads that the application started have ended. The pools of the runtimes (tokio, lance,
 * libuv, V8) grow and shrink by themselves: reported, not judged.
 */
import { RUNTIME_POOLS } from '../../platform/runtime-threads.ts';
import type { Check } from '../check.ts';
import { countBack } from './count-back.ts';

export function threadsBack(): Check {
  return countBack({
    name: 'threads-back',
    unit: 'threads',
    in: {
      resources: ({ threads }) =>
        threads
          .filter(({ name }) => !RUNTIME_POOLS.test(name))
          .reduce((sum, { count }) => sum + count, 0),
    },
    detail: ({ threads }) =>
      `by name: ${threads.map(({ name, count }) => `${name} ${count}`).join(', ')}`,
  });
}
