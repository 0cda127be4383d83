/**
 * `fds-back`: open descriptors return to what remained after warmup. Judged after quiesce only: under load
 * a backlog looks like a leak.
 */
import type { Check } from '../check.ts';
import { judgeCountBack } from './count-back.ts';

export function fdsBack(): Check {
  return {
    name: 'fds-back',
    judge: (history) =>
      judgeCountBack(history, {
        check: 'fds-back',
        unit: 'fds',
        samples: history.of('process').map(({ t, fds }) => ({ t, count: fds })),
        what: () => {
          const last = history.of('resources').at(-1);
          const [path, count] = Object.entries(last?.fdsByPath ?? {})[0] ?? [];
          return path ? `the most open file is ${path}, ${count} times` : '';
        },
      }),
  };
}
