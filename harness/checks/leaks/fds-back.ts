/**
 * `fds-back`: open descriptors return to what remained after warmup. Judged after quiesce only: under load
 * a backlog looks like a leak.
 */
import type { Check } from '../check.ts';
import { countBack } from './count-back.ts';

export function fdsBack(): Check {
  return countBack({
    name: 'fds-back',
    unit: 'fds',
    countsConnections: true,
    in: { process: ({ alive, fds }) => (alive ? fds : null) },
    detail({ fdsByPath }) {
      const [path, times] = Object.entries(fdsByPath)[0] ?? [];
      return path ? `the most open file is ${path}, ${times} times` : '';
    },
  });
}
