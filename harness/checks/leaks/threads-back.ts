/**
 * `threads-back`: threads that the application started have ended. The pools of the runtimes (tokio, lance,
 * libuv, V8) grow and shrink by themselves: reported, not judged.
 */
import { RUNTIME_POOLS } from '../../platform/runtime-threads.ts';
import type { Check } from '../check.ts';
import { judgeCountBack } from './count-back.ts';

export function threadsBack(): Check {
  return {
    name: 'threads-back',
    judge(history) {
      const samples = history.of('resources').map(({ t, threads }) => {
        const own = threads.filter(({ name }) => !RUNTIME_POOLS.test(name));
        return { t, count: own.reduce((sum, { count }) => sum + count, 0) };
      });
      const what = (): string => {
        const last = history.of('resources').at(-1)?.threads ?? [];
        return `by name: ${last.map(({ name, count }) => `${name} ${count}`).join(', ')}`;
      };
      return judgeCountBack(history, { check: 'threads-back', unit: 'threads', samples, what });
    },
  };
}
