/** `children-back`: child processes that the target started have ended and been reaped. */
import type { Check } from '../check.ts';
import { countBack } from './count-back.ts';

export function childrenBack(): Check {
  return countBack({
    name: 'children-back',
    unit: 'child processes',
    in: { process: ({ alive, children }) => (alive ? children : null) },
  });
}
